// Package kernel loads the programs of bpf/ and reads what they tell.
package kernel

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"
	"github.com/cilium/ebpf/ringbuf"
	"github.com/cilium/ebpf/rlimit"
)

// Verdict is what is to become of a cgroup's events; values as in bpf/sensor.bpf.c.
type Verdict uint32

const (
	Unknown Verdict = iota
	Ignored
	Observed
)

// Missing is a capability that this kernel does not give, and why.
type Missing struct {
	Capability string `json:"capability"`
	Reason     string `json:"reason"`
}

// Probe is the loaded programs.
type Probe struct {
	objects sensorObjects
	links   []link.Link
	reader  *ringbuf.Reader
	record  ringbuf.Record
}

// A watched name is that of a file, or of a folder above it, or both.
const (
	watchFile   = 1
	watchFolder = 2
)

// Load checks the programs with this kernel; nothing is told before Attach.
func Load(files, folders []string) (*Probe, error) {
	hierarchy, err := cgroupHierarchy()
	if err != nil {
		return nil, err
	}
	return load(files, folders, hierarchy)
}

func load(files, folders []string, hierarchy int32) (*Probe, error) {
	if err := rlimit.RemoveMemlock(); err != nil {
		return nil, fmt.Errorf("locked memory is limited, which Linux before 5.11 needs CAP_SYS_RESOURCE to change: %w", err)
	}
	spec, err := loadSensor()
	if err != nil {
		return nil, err
	}
	namespace, err := pidNamespace()
	if err != nil {
		return nil, err
	}
	for name, value := range map[string]any{"pid_namespace_inum": namespace, "hierarchy": hierarchy} {
		if err := spec.Variables[name].Set(value); err != nil {
			return nil, err
		}
	}
	p := &Probe{}
	if err := spec.LoadAndAssign(&p.objects, nil); err != nil {
		return nil, explain(err)
	}
	if err := p.watch(files, folders); err != nil {
		p.Close()
		return nil, err
	}
	p.reader, err = ringbuf.NewReader(p.objects.Events)
	if err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

// Attach begins to tell events. Without program starts nothing works; what else this kernel lacks is returned.
func (p *Probe) Attach() ([]Missing, error) {
	for name, program := range map[string]*ebpf.Program{
		"sched_process_fork": p.objects.OnFork, "sched_process_exit": p.objects.OnExit, "sched_process_exec": p.objects.OnExec,
	} {
		if err := p.attach(name, program); err != nil {
			return nil, fmt.Errorf("tracepoint sched/%s: %w", name, err)
		}
	}
	var missing []Missing
	if err := p.attach("sys_exit", p.objects.OnOpen); err != nil {
		missing = append(missing, Missing{"file", fmt.Sprintf("tracepoint raw_syscalls/sys_exit: %v", err)})
	}
	if err := p.attach("sys_enter", p.objects.OnConnect); err != nil {
		missing = append(missing, Missing{"network", fmt.Sprintf("tracepoint raw_syscalls/sys_enter: %v", err)})
	}
	return missing, nil
}

func (p *Probe) attach(name string, program *ebpf.Program) error {
	attached, err := link.AttachRawTracepoint(link.RawTracepointOptions{Name: name, Program: program})
	if err == nil {
		p.links = append(p.links, attached)
	}
	return err
}

func (p *Probe) watch(files, folders []string) error {
	names := map[sensorName]uint32{}
	add := func(list []string, kind uint32) {
		for _, text := range list {
			var name sensorName
			// As the kernel's side reads it: cut, with a NUL at the end.
			for i := 0; i < len(text) && i < len(name.Text)-1; i++ {
				name.Text[i] = int8(text[i])
			}
			names[name] |= kind
		}
	}
	add(files, watchFile)
	add(folders, watchFolder)
	for name, kind := range names {
		if err := p.objects.Watched.Put(name, kind); err != nil {
			return fmt.Errorf("watch list: %w", err)
		}
	}
	return nil
}

// Read waits for the next event. os.ErrDeadlineExceeded where there is none until the deadline, os.ErrClosed after Close.
func (p *Probe) Read() (Event, error) {
	if err := p.reader.ReadInto(&p.record); err != nil {
		return Event{}, err
	}
	return decode(p.record.RawSample)
}

// SetDeadline says until when Read waits.
func (p *Probe) SetDeadline(at time.Time) { p.reader.SetDeadline(at) }

// Waiting tells whether there are events to read.
func (p *Probe) Waiting() bool { return p.reader.AvailableBytes() > 0 }

// Forget has a cgroup told again when something happens in it.
func (p *Probe) Forget(cgroup uint64) error {
	err := p.objects.Cgroups.Delete(cgroup)
	if errors.Is(err, ebpf.ErrKeyNotExist) {
		return nil
	}
	return err
}

// Judge says what is to become of a cgroup's events.
func (p *Probe) Judge(cgroup uint64, verdict Verdict) error {
	return p.objects.Cgroups.Put(cgroup, uint32(verdict))
}

// Lost is how many events there was no room for, or that a program could not take because it was running already.
func (p *Probe) Lost() (uint64, error) {
	var lost uint64
	if err := p.objects.Lost.Lookup(uint32(0), &lost); err != nil {
		return 0, err
	}
	for _, program := range []*ebpf.Program{p.objects.OnExec, p.objects.OnFork, p.objects.OnExit, p.objects.OnOpen, p.objects.OnConnect} {
		// Kernels before 5.12 do not count these, and do not interrupt a program by itself.
		if stats, err := program.Stats(); err == nil {
			lost += stats.RecursionMisses
		}
	}
	return lost, nil
}

// Close ends all of it.
func (p *Probe) Close() {
	for _, attached := range p.links {
		attached.Close()
	}
	if p.reader != nil {
		p.reader.Close()
	}
	p.objects.Close()
}

func explain(err error) error {
	var verifier *ebpf.VerifierError
	if errors.As(err, &verifier) {
		return fmt.Errorf("this kernel's verifier refuses the program: %w", err)
	}
	if errors.Is(err, ebpf.ErrNotSupported) {
		return fmt.Errorf("this kernel is too old: Linux 5.8 with BTF (/sys/kernel/btf/vmlinux) is needed: %w", err)
	}
	if errors.Is(err, os.ErrPermission) {
		return fmt.Errorf("CAP_BPF and CAP_PERFMON are needed, and a seccomp profile that allows bpf(2): %w", err)
	}
	return err
}
