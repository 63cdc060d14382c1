package process

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Found is a process that runs already.
type Found struct {
	PID, PPID uint32
	Image     Image
}

// Clock turns nanoseconds since boot into a time of the day.
type Clock func(sinceBoot uint64) time.Time

// Scan reads the processes below a /proc whose cgroup is wanted. What ends meanwhile is left out.
func Scan(proc string, clock Clock, wanted func(cgroup string) bool) []Found {
	entries, err := os.ReadDir(proc)
	if err != nil {
		return nil
	}
	var found []Found
	for _, entry := range entries {
		pid, err := strconv.ParseUint(entry.Name(), 10, 32)
		if err != nil {
			continue
		}
		folder := filepath.Join(proc, entry.Name())
		cgroup, err := os.ReadFile(filepath.Join(folder, "cgroup"))
		if err != nil || !wanted(string(cgroup)) {
			continue
		}
		if one, ok := Read(proc, clock, uint32(pid)); ok {
			found = append(found, one)
		}
	}
	return found
}

// Read reads one process; false where it has ended.
func Read(proc string, clock Clock, pid uint32) (Found, bool) {
	folder := filepath.Join(proc, strconv.Itoa(int(pid)))
	one := Found{PID: pid}
	stat, err := os.ReadFile(filepath.Join(folder, "stat"))
	if err != nil {
		return one, false
	}
	// After the program's name, which stands in parentheses and may hold anything.
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	if len(fields) < 20 {
		return one, false
	}
	ppid, _ := strconv.ParseUint(fields[1], 10, 32)
	ticks, _ := strconv.ParseUint(fields[19], 10, 64)
	one.PPID = uint32(ppid)
	// Always hundredths of a second for user space.
	one.Image.Started = clock(ticks * 10_000_000)
	status, err := os.ReadFile(filepath.Join(folder, "status"))
	if err != nil {
		return one, false
	}
	for _, line := range strings.Split(string(status), "\n") {
		if rest, ok := strings.CutPrefix(line, "Uid:"); ok {
			uid, _ := strconv.ParseUint(strings.Fields(rest)[0], 10, 32)
			one.Image.UID = uint32(uid)
		}
	}
	arguments, err := os.ReadFile(filepath.Join(folder, "cmdline"))
	if err != nil {
		return one, false
	}
	if len(arguments) > 0 {
		one.Image.Args = strings.Split(strings.TrimRight(string(arguments), "\x00"), "\x00")
	}
	if path, err := os.Readlink(filepath.Join(folder, "exe")); err == nil {
		one.Image.Executable = strings.TrimSuffix(path, " (deleted)")
	} else if len(one.Image.Args) > 0 {
		// Without CAP_SYS_PTRACE: the name it was called by.
		one.Image.Executable = one.Image.Args[0]
	}
	return one, true
}

// Add takes processes that run already, parents first; those that are known stay as they are.
func (t *Table) Add(container string, found []Found) {
	byPID := map[uint32]Found{}
	for _, one := range found {
		byPID[one.PID] = one
	}
	var add func(pid uint32, depth int)
	add = func(pid uint32, depth int) {
		one, ok := byPID[pid]
		if !ok || depth > deepest {
			return
		}
		delete(byPID, pid)
		add(one.PPID, depth+1)
		if known := t.processes[pid]; known != nil && known.Container == container {
			return
		}
		image := one.Image
		t.put(&Process{PID: pid, Container: container, Image: &image}, t.parentIn(container, one.PPID))
	}
	for _, one := range found {
		add(one.PID, 0)
	}
}
