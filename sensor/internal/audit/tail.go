// Package audit follows the API server's audit log, and says which events are worth a record.
package audit

import (
	"bytes"
	"errors"
	"io"
	"os"
)

// Longest line that is taken: the API server limits a request to 3 MB, and may log both bodies.
const longest = 8 << 20

// Tail follows a file that others write, rename and begin anew. It is for one goroutine.
type Tail struct {
	path string
	file *os.File
	// The beginning of a line whose end is not written yet.
	rest []byte
	// The rest of a line that was too long is passed over.
	skipping bool
	offset   int64
	buffer   []byte
	// Lines that were too long, and times that the file was cut: then it is not known how many were in it.
	Lost uint64
}

// NewTail begins at the end of what is there; a file that comes later is read from its beginning.
func NewTail(path string) *Tail {
	t := &Tail{path: path, buffer: make([]byte, 1<<16)}
	if file, err := os.Open(path); err == nil {
		t.file = file
		t.offset, _ = file.Seek(0, io.SeekEnd)
		t.backToLine()
	}
	return t
}

// backToLine finds the beginning of a line that is just being written.
func (t *Tail) backToLine() {
	for t.offset > 0 {
		begin := max(t.offset-int64(len(t.buffer)), 0)
		part := t.buffer[:t.offset-begin]
		if _, err := t.file.ReadAt(part, begin); err != nil {
			return
		}
		if at := bytes.LastIndexByte(part, '\n'); at >= 0 {
			t.offset = begin + int64(at) + 1
			return
		}
		t.offset = begin
	}
}

// There tells whether there is a file to read.
func (t *Tail) There() bool { return t.file != nil }

// Poll gives whole lines that were written since the last time, without their ends, which are valid until take returns.
func (t *Tail) Poll(take func(line []byte) error) error {
	for {
		if t.file == nil {
			file, err := os.Open(t.path)
			if errors.Is(err, os.ErrNotExist) {
				return nil
			}
			if err != nil {
				return err
			}
			t.file, t.offset, t.rest, t.skipping = file, 0, nil, false
		}
		if err := t.read(take); err != nil {
			return err
		}
		now, err := os.Stat(t.path)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		held, err := t.file.Stat()
		if err != nil {
			return err
		}
		if now != nil && os.SameFile(now, held) {
			if held.Size() >= t.offset {
				return nil
			}
			// Cut by a program that copies logs away: what was written between is gone.
			t.Lost++
			t.offset, t.rest = 0, nil
			continue
		}
		// Renamed: its writer may have ended a last line after we read it.
		if err := t.read(take); err != nil {
			return err
		}
		if len(t.rest) > 0 {
			t.Lost++
		}
		t.file.Close()
		t.file = nil
	}
}

func (t *Tail) read(take func(line []byte) error) error {
	for {
		n, err := t.file.ReadAt(t.buffer, t.offset)
		t.offset += int64(n)
		part := t.buffer[:n]
		for {
			at := bytes.IndexByte(part, '\n')
			if at < 0 {
				break
			}
			line := part[:at]
			if len(t.rest) > 0 {
				line = append(t.rest, line...)
			}
			part = part[at+1:]
			if t.skipping {
				t.skipping = false
			} else if err := take(line); err != nil {
				return err
			}
			t.rest = t.rest[:0]
		}
		if !t.skipping {
			t.rest = append(t.rest, part...)
		}
		if len(t.rest) > longest {
			t.Lost++
			t.skipping, t.rest = true, nil
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// Close closes the file.
func (t *Tail) Close() {
	if t.file != nil {
		t.file.Close()
	}
}
