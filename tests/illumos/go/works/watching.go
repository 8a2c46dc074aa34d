// SPDX-License-Identifier: MIT

package main

import (
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// Event ports as Go programs use them: through golang.org/x/sys.
func watching() {
	folder, _ := os.MkdirTemp("", "guest")
	defer os.RemoveAll(folder)
	port, err := unix.NewEventPort()
	check("port", err == nil, err)
	info, _ := os.Stat(folder)
	check("watch", port.AssociatePath(folder, info, unix.FILE_MODIFIED, "cookie") == nil)
	check("watched", port.PathIsWatched(folder))
	os.WriteFile(filepath.Join(folder, "new"), nil, 0o600)
	event, err := port.GetOne(&unix.Timespec{Sec: 10})
	check("file event", err == nil && event.Path == folder && event.Cookie == "cookie" &&
		event.Events&unix.FILE_MODIFIED != 0, event, err)

	reader, writer, _ := os.Pipe()
	check("descriptor", port.AssociateFd(reader.Fd(), unix.POLLIN, 7) == nil)
	_, err = port.GetOne(&unix.Timespec{Nsec: int64(time.Millisecond)})
	check("nothing yet", err == unix.ETIME, err)
	writer.Write([]byte("x"))
	event, err = port.GetOne(&unix.Timespec{Sec: 10})
	check("descriptor event", err == nil && event.Fd == reader.Fd() && event.Cookie == 7, event, err)
	check("close", port.Close() == nil)
}
