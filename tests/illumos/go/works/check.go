// SPDX-License-Identifier: MIT

// A Go program for illumos that does what servers do, and checks it. Prints "ok NAME" or
// "failed NAME: ..." for each check.
package main

import (
	"fmt"
	"os"
	"runtime"
)

var failures int

func check(name string, ok bool, details ...any) {
	if ok {
		fmt.Println("ok", name)
		return
	}
	failures++
	fmt.Println("failed", name+":", fmt.Sprint(details...))
}

func main() {
	if len(os.Args) > 1 {
		child(os.Args[1])
		return
	}
	check("system", runtime.GOOS == "illumos" || runtime.GOOS == "solaris", runtime.GOOS)
	files()
	concurrency()
	network()
	processes()
	signals()
	watching()
	if failures > 0 {
		os.Exit(1)
	}
}
