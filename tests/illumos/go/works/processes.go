// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

// What a child does, by its first argument.
func child(what string) {
	switch what {
	case "echo":
		io.Copy(os.Stdout, os.Stdin)
	case "environment":
		fmt.Print(os.Getenv("GUEST_CHILD"))
	case "status":
		os.Exit(7)
	case "wait":
		time.Sleep(time.Minute)
	}
}

func processes() {
	self, err := os.Executable()
	check("executable", err == nil && strings.HasPrefix(self, "/"), self, err)

	output, err := exec.Command("/bin/echo", "from", "Linux").Output()
	check("linux child", err == nil && string(output) == "from Linux\n", string(output), err)

	command := exec.Command(self, "echo")
	command.Stdin = bytes.NewReader(make([]byte, 200_000))
	output, err = command.Output()
	check("illumos child", err == nil && len(output) == 200_000, len(output), err)

	command = exec.Command(self, "environment")
	command.Env = []string{"GUEST_CHILD=value"}
	output, err = command.Output()
	check("environment", err == nil && string(output) == "value", string(output), err)

	err = exec.Command(self, "status").Run()
	status, isExit := err.(*exec.ExitError)
	check("exit status", isExit && status.ExitCode() == 7, err)

	output, err = exec.Command("/bin/sh", "-c", self+" environment; exit 3").CombinedOutput()
	status, isExit = err.(*exec.ExitError)
	check("through a shell", isExit && status.ExitCode() == 3, string(output), err)

	limited, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	err = exec.CommandContext(limited, self, "wait").Run()
	status, isExit = err.(*exec.ExitError)
	check("killed", isExit && status.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL, err)

	_, err = exec.LookPath("no such program")
	check("no program", err != nil)
}

func signals() {
	for _, number := range []syscall.Signal{syscall.SIGHUP, syscall.SIGUSR1, syscall.SIGUSR2,
		syscall.SIGCHLD, syscall.SIGTERM, syscall.SIGWINCH, syscall.SIGPOLL} {
		got := make(chan os.Signal, 1)
		signal.Notify(got, number)
		syscall.Kill(os.Getpid(), number)
		select {
		case which := <-got:
			check("signal "+number.String(), which == number, which)
		case <-time.After(10 * time.Second):
			check("signal "+number.String(), false, "never came")
		}
		signal.Stop(got)
	}
	reader, writer, _ := os.Pipe()
	reader.Close()
	_, err := writer.Write([]byte("x"))
	check("broken pipe", err != nil && strings.Contains(err.Error(), "roken pipe"), err)
}
