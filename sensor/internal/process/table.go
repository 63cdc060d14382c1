// Package process knows which program each process runs and who began it, from what the kernel told in its order.
package process

import "time"

// Image is a program as it was started.
type Image struct {
	Executable string
	Args       []string
	Truncated  bool
	UID        uint32
	Started    time.Time
}

// Process is one of a container's. It stays reachable from those it began after it has ended.
type Process struct {
	PID   uint32
	Image *Image
	// The container that it runs in; ancestors of another container, or of none, are not told.
	Container string
	parent    *Process
	depth     int
}

// Longer chains lose their far end: a process may begin its successor and end, for ever.
const (
	deepest = 64
	// What a record tells at most.
	told = 32
)

// Table is for one goroutine.
type Table struct {
	processes map[uint32]*Process
}

// NewTable is empty.
func NewTable() *Table { return &Table{processes: map[uint32]*Process{}} }

// Len is how many processes live.
func (t *Table) Len() int { return len(t.processes) }

// Get finds a living process.
func (t *Table) Get(pid uint32) *Process { return t.processes[pid] }

// Fork takes a new process, which runs what its parent runs.
func (t *Table) Fork(container string, pid, ppid uint32) {
	parent := t.parentIn(container, ppid)
	process := &Process{PID: pid, Container: container}
	if parent != nil {
		process.Image = parent.Image
	}
	t.put(process, parent)
}

// Enter takes the first program that a process runs in a container: whoever began that process is the container's runtime.
func (t *Table) Enter(container string, pid uint32, image Image) *Process {
	process := &Process{PID: pid, Container: container, Image: &image}
	t.put(process, nil)
	return process
}

// Exec takes a program that was started; a process that is not known yet gets its parent by ppid.
func (t *Table) Exec(container string, pid, ppid uint32, image Image) *Process {
	known := t.processes[pid]
	if known == nil || known.Container != container {
		process := &Process{PID: pid, Container: container, Image: &image}
		t.put(process, t.parentIn(container, ppid))
		return process
	}
	// Its children keep what it was when it began them.
	process := *known
	process.Image = &image
	t.processes[pid] = &process
	return &process
}

// Exit takes the end of a process.
func (t *Table) Exit(pid uint32) { delete(t.processes, pid) }

// Drop forgets the processes of a container.
func (t *Table) Drop(container string) {
	t.Keep(func(p *Process) bool { return p.Container != container })
}

// Keep forgets all others.
func (t *Table) Keep(wanted func(*Process) bool) {
	for pid, process := range t.processes {
		if !wanted(process) {
			delete(t.processes, pid)
		}
	}
}

func (t *Table) parentIn(container string, ppid uint32) *Process {
	parent := t.processes[ppid]
	if parent == nil || parent.Container != container {
		return nil
	}
	return parent
}

func (t *Table) put(process, parent *Process) {
	process.parent = parent
	if parent != nil {
		process.depth = parent.depth + 1
	}
	t.processes[process.PID] = process
	if process.depth < deepest {
		return
	}
	// Cuts once for many: the upper half goes.
	at := process
	for range deepest / 2 {
		at = at.parent
	}
	at.parent = nil
	for at, depth := process, deepest/2; at != nil; at, depth = at.parent, depth-1 {
		at.depth = depth
	}
}

// Ancestors are those who began the process, nearest first, up to the first process of the container that is known.
func (p *Process) Ancestors() []*Process {
	var chain []*Process
	for at := p.parent; at != nil && len(chain) < told; at = at.parent {
		if at.Image != nil {
			chain = append(chain, at)
		}
	}
	return chain
}
