// SPDX-License-Identifier: MIT

package main

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

func concurrency() {
	var sum int64
	var group sync.WaitGroup
	for i := 0; i < 2000; i++ {
		group.Add(1)
		go func(n int) {
			defer group.Done()
			time.Sleep(time.Millisecond)
			atomic.AddInt64(&sum, int64(n))
		}(i)
	}
	group.Wait()
	check("goroutines", sum == 1999000, sum)

	ticker := time.NewTicker(time.Millisecond)
	for i := 0; i < 20; i++ {
		<-ticker.C
	}
	ticker.Stop()
	check("ticker", true)

	// A loop without calls is interrupted by a signal, or this never ends.
	var stop int32
	spinning := runtime.GOMAXPROCS(0) + 1
	for i := 0; i < spinning; i++ {
		go func() {
			for atomic.LoadInt32(&stop) == 0 {
			}
		}()
	}
	runtime.GC()
	atomic.StoreInt32(&stop, 1)
	check("preemption", true)

	check("nil pointer", recovered(func() { var p *int; *p = 1 }))
	zero := 0
	check("division by zero", recovered(func() { zero = 1 / zero }))

	for i := 0; i < 20; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			runtime.LockOSThread()
			runtime.Gosched()
		}()
	}
	group.Wait()
	check("threads that end", true)
}

func recovered(f func()) (was bool) {
	defer func() { was = recover() != nil }()
	f()
	return
}
