// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	clients  = 32
	requests = 50
)

func network() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check("listen", err == nil, err)
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(w, r.Body)
	})}
	go server.Serve(listener)
	url := "http://" + listener.Addr().String()

	var good int64
	var group sync.WaitGroup
	for c := 0; c < clients; c++ {
		group.Add(1)
		go func(c int) {
			defer group.Done()
			client := &http.Client{Transport: &http.Transport{}}
			for i := 0; i < requests; i++ {
				text := fmt.Sprintf("%d %d", c, i)
				answer, err := client.Post(url, "text/plain", strings.NewReader(text))
				if err != nil {
					return
				}
				body, _ := io.ReadAll(answer.Body)
				answer.Body.Close()
				if string(body) == text {
					atomic.AddInt64(&good, 1)
				}
			}
		}(c)
	}
	group.Wait()
	check("http under load", good == clients*requests, good)
	server.Close()

	_, err = net.DialTimeout("tcp", listener.Addr().String(), time.Second)
	check("refused", err != nil && strings.Contains(err.Error(), "refused"), err)
	datagrams()
	local()
	sendfile()
	addresses, err := net.LookupHost("localhost")
	check("lookup", err == nil && len(addresses) > 0, addresses, err)
	interfaces, err := net.Interfaces()
	check("interfaces", err == nil && len(interfaces) > 0, interfaces, err)
}

func datagrams() {
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	check("udp", err == nil, err)
	defer server.Close()
	client, err := net.Dial("udp", server.LocalAddr().String())
	check("udp dial", err == nil, err)
	defer client.Close()
	client.Write([]byte("ping"))
	text := make([]byte, 16)
	n, _, err := server.ReadFrom(text)
	check("udp read", err == nil && string(text[:n]) == "ping", err)
	server.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
	_, _, err = server.ReadFrom(text)
	check("deadline", err != nil && err.(net.Error).Timeout(), err)
}

func local() {
	folder, _ := os.MkdirTemp("", "guest")
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "socket")
	listener, err := net.Listen("unix", path)
	check("unix listen", err == nil, err)
	defer listener.Close()
	go func() {
		peer, err := listener.Accept()
		if err == nil {
			io.Copy(peer, peer)
			peer.Close()
		}
	}()
	client, err := net.Dial("unix", path)
	check("unix dial", err == nil, err)
	client.Write([]byte("unix"))
	client.(*net.UnixConn).CloseWrite()
	text, err := io.ReadAll(client)
	check("unix echo", err == nil && string(text) == "unix", err)
}

func sendfile() {
	file, _ := os.CreateTemp("", "guest")
	defer os.Remove(file.Name())
	const size = 1 << 20
	file.Truncate(size)
	listener, _ := net.Listen("tcp", "127.0.0.1:0")
	go func() {
		peer, _ := listener.Accept()
		io.Copy(peer, file)
		peer.Close()
	}()
	client, err := net.Dial("tcp", listener.Addr().String())
	check("dial", err == nil, err)
	n, err := io.Copy(io.Discard, client)
	check("sendfile", err == nil && n == size, n, err)
}
