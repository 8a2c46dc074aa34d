// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"time"
)

// Beyond 4 GiB, without the blocks in between.
const large = 5 << 30

func files() {
	folder, err := os.MkdirTemp("", "guest")
	check("temporary folder", err == nil, err)
	defer os.RemoveAll(folder)

	path := filepath.Join(folder, "file")
	check("write", os.WriteFile(path, []byte("hello"), 0o640) == nil)
	info, err := os.Stat(path)
	check("stat", err == nil && info.Size() == 5 && info.Mode() == 0o640 &&
		time.Since(info.ModTime()) < time.Minute, info, err)

	file, err := os.OpenFile(path, os.O_RDWR, 0)
	check("open", err == nil, err)
	_, err = file.WriteAt([]byte("end"), large)
	check("write far out", err == nil, err)
	text := make([]byte, 3)
	_, err = file.ReadAt(text, large)
	check("read far out", err == nil && bytes.Equal(text, []byte("end")), err)
	end, err := file.Seek(0, io.SeekEnd)
	check("seek", err == nil && end == large+3, end, err)
	file.Close()

	for _, name := range []string{"c", "a", "b"} {
		os.Mkdir(filepath.Join(folder, name), 0o755)
	}
	entries, err := os.ReadDir(folder)
	check("read folder", err == nil && len(entries) == 4 && entries[0].Name() == "a" &&
		entries[0].IsDir(), entries, err)
	check("symbolic link", os.Symlink("file", filepath.Join(folder, "link")) == nil)
	target, err := os.Readlink(filepath.Join(folder, "link"))
	check("read link", err == nil && target == "file", target, err)
	check("rename", os.Rename(path, filepath.Join(folder, "a", "x")) == nil)
	_, err = os.Stat(path)
	check("no such file", os.IsNotExist(err), err)
	past := time.Unix(1_000_000_000, 123_000_000)
	moved := filepath.Join(folder, "a", "x")
	check("set times", os.Chtimes(moved, past, past) == nil)
	info, err = os.Stat(moved)
	check("times", err == nil && info.ModTime().Equal(past), info.ModTime(), err)
}
