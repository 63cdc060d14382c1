// Package observe makes records of what the kernel tells: whose container it was, who began the process, whether the file came with the image.
package observe

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/kubesim/kubesim/sensor/internal/container"
	"github.com/kubesim/kubesim/sensor/internal/kernel"
	"github.com/kubesim/kubesim/sensor/internal/pods"
	"github.com/kubesim/kubesim/sensor/internal/process"
	"github.com/kubesim/kubesim/sensor/internal/record"
	"github.com/kubesim/kubesim/sensor/internal/watchlist"
)

const (
	// How long events wait for the API server to know their pod, and their container's name.
	podPatience  = 5 * time.Second
	namePatience = 3 * time.Second
	// Events that wait for one pod, at most.
	waitingRoom = 20_000
	// Cgroups that nothing happens in are forgotten; they are told again when something does.
	idle = 10 * time.Minute
)

// Kernel is where verdicts on cgroups go.
type Kernel interface {
	Judge(cgroup uint64, verdict kernel.Verdict) error
	Forget(cgroup uint64) error
}

// Observer is for one goroutine.
type Observer struct {
	Node      string
	Directory *pods.Directory
	Kernel    Kernel
	Writer    *record.Writer
	Clock     process.Clock
	// Where processes are read that ran before: /proc.
	Proc string

	// Events taken, and those that should have been told and could not.
	Seen, Lost uint64

	table      *process.Table
	cgroups    map[uint64]*cgroup
	containers map[string]*observed
	swept      time.Time
	failure    error
}

// A cgroup is first mentioned or announced, then found to be a pod's container or not.
type cgroup struct {
	announced bool
	ids       []container.ID
	// Until it is known whose it is.
	waiting []kernel.Event
	since   time.Time
	used    time.Time
	verdict kernel.Verdict
	of      *observed
}

// A container of a pod that is known.
type observed struct {
	id container.ID
	// Zero where it is not known yet.
	started time.Time
	where   *record.Where
	named   bool
	held    []held
	scanned bool
}

// A record that waits for its container's name.
type held struct {
	kind   string
	at     time.Time
	since  time.Time
	record record.Record
}

// Init makes the maps.
func (o *Observer) Init() {
	o.table = process.NewTable()
	o.cgroups = map[uint64]*cgroup{}
	o.containers = map[string]*observed{}
}

// Take takes the next event. An error is one of the output.
func (o *Observer) Take(event kernel.Event, now time.Time) error {
	o.Seen++
	at := o.cgroups[event.Cgroup]
	if at == nil {
		at = &cgroup{since: now}
		o.cgroups[event.Cgroup] = at
	}
	at.used = now
	if event.Kind == kernel.Cgroup {
		at.announced = true
		at.ids = container.IDsOf(event.Path)
		o.place(event.Cgroup, at, now)
		return o.failure
	}
	switch {
	case at.of != nil && at.verdict == kernel.Observed:
		o.apply(at.of, event, now)
	case at.verdict == kernel.Ignored:
	case len(at.waiting) < waitingRoom:
		at.waiting = append(at.waiting, event)
	default:
		o.Lost++
	}
	return o.failure
}

// place finds whose cgroup it is, and applies what has waited for that.
func (o *Observer) place(id uint64, at *cgroup, now time.Time) {
	if !at.announced {
		return
	}
	if len(at.ids) == 0 {
		o.judge(id, at, kernel.Ignored)
		return
	}
	for _, one := range at.ids {
		// The outermost that is a pod of this node: an inner one may be a name that a container has made up.
		pod, known := o.Directory.Pod(one.PodUID)
		if !known {
			continue
		}
		if !o.Directory.Observes(pod.Namespace) {
			o.judge(id, at, kernel.Ignored)
			return
		}
		at.of = o.containerOf(one, pod)
		o.judge(id, at, kernel.Observed)
		waiting := at.waiting
		at.waiting = nil
		for _, event := range waiting {
			o.apply(at.of, event, now)
		}
		return
	}
}

func (o *Observer) judge(id uint64, at *cgroup, verdict kernel.Verdict) {
	if at.verdict != verdict {
		at.verdict = verdict
		// Where the kernel has forgotten it meanwhile it is announced again.
		_ = o.Kernel.Judge(id, verdict)
	}
	if verdict != kernel.Ignored {
		return
	}
	at.waiting = nil
	if at.of != nil {
		// Nothing keeps these up to date any more.
		o.table.Drop(at.of.id.Container)
		delete(o.containers, at.of.id.Container)
		at.of = nil
	}
}

func (o *Observer) containerOf(id container.ID, pod pods.Pod) *observed {
	found := o.containers[id.Container]
	if found == nil {
		found = &observed{id: id}
		o.containers[id.Container] = found
	}
	if found.where == nil {
		found.where = &record.Where{Node: o.Node, Namespace: pod.Namespace, Pod: pod.Name, PodUID: pod.UID, ContainerID: id.Container}
	}
	o.scan(found)
	return found
}

// scan learns what ran in a container before the kernel told of it.
func (o *Observer) scan(of *observed) {
	if of.scanned {
		return
	}
	of.scanned = true
	found := process.Scan(o.Proc, o.Clock, func(cgroup string) bool { return strings.Contains(cgroup, of.id.Container) })
	o.table.Add(of.id.Container, found)
	for _, one := range found {
		of.begin(one.Image.Started)
	}
}

func (of *observed) begin(at time.Time) {
	if of.started.IsZero() || at.Before(of.started) {
		of.started = at
	}
}

func (o *Observer) apply(of *observed, event kernel.Event, now time.Time) {
	id := of.id.Container
	switch event.Kind {
	case kernel.Fork:
		o.table.Fork(id, event.PID, event.PPID)
		return
	case kernel.Exit:
		o.table.Exit(event.PID)
		return
	}
	parent := o.cgroups[event.ParentCgroup]
	enters := parent == nil || parent.of != of
	// The runtime's child is in the container's cgroup before it has entered the container.
	if enters && event.SharesMounts {
		return
	}
	at := o.Clock(event.Time)
	var who *process.Process
	if event.Kind == kernel.Exec {
		of.begin(at)
		image := process.Image{Executable: event.Path, Args: event.Args, Truncated: event.ArgsCut, UID: event.UID, Started: at}
		if event.PathCut && len(event.Args) > 0 {
			image.Executable = event.Args[0]
		}
		switch {
		case enters:
			who = o.table.Enter(id, event.PID, image)
		case o.table.Get(event.PID) == nil:
			// Its beginning was lost.
			o.known(id, event.PPID)
			fallthrough
		default:
			who = o.table.Exec(id, event.PID, event.PPID, image)
		}
	} else if who = o.known(id, event.PID); who == nil {
		who = &process.Process{PID: event.PID, Container: id}
	}
	common := record.Observed{Where: of.where, Process: record.ProcessOf(who), Ancestors: record.AncestorsOf(who)}
	switch event.Kind {
	case kernel.Exec:
		o.emit(of, event.PID, "process", at, now, &record.Started{Observed: common, Drift: o.drift(of, event)})
	case kernel.Open:
		if file := watchlist.Canonical(event.Path); watchlist.Watches(file, event.Write) {
			access := "read"
			if event.Write {
				access = "write"
			}
			o.emit(of, event.PID, "file", at, now, &record.File{Observed: common, Path: file, Access: access})
		}
	case kernel.Connect:
		if !event.To.IsValid() {
			o.Lost++
			return
		}
		protocol := "tcp"
		if event.UDP {
			protocol = "udp"
		}
		// A datagram socket that is connected to no port only asks for a route.
		if event.To.Port() != 0 {
			o.emit(of, event.PID, "connection", at, now, &record.Connection{
				Observed: common, Address: event.To.Addr().String(), Port: event.To.Port(), Protocol: protocol,
			})
		}
	}
}

// known finds a process of a container: in /proc where its beginning was lost.
func (o *Observer) known(id string, pid uint32) *process.Process {
	if who := o.table.Get(pid); who != nil && who.Container == id {
		return who
	}
	found, lives := process.Read(o.Proc, o.Clock, pid)
	if !lives {
		return nil
	}
	o.table.Add(id, []process.Found{found})
	return o.table.Get(pid)
}

// drift tells whether an executed file was written in the container. Outside of the image's layers, in a volume, only the time of its last
// change can tell: nobody can set that.
func (o *Observer) drift(of *observed, event kernel.Event) bool {
	switch event.Layer {
	case kernel.Written, kernel.Memory:
		return true
	case kernel.Image:
		return false
	}
	return !of.started.IsZero() && time.Unix(0, event.Changed).After(of.started)
}

func (o *Observer) emit(of *observed, pid uint32, kind string, at, now time.Time, one record.Record) {
	if o.name(of, pid) {
		o.write(kind, at, one)
		return
	}
	if len(of.held) >= waitingRoom {
		o.Lost++
		return
	}
	of.held = append(of.held, held{kind, at, now, one})
}

// name finds the container's name, and writes what has waited for it. The kubelet tells the API server after a second or two;
// what it has mounted tells at once, as long as a process of the container lives.
func (o *Observer) name(of *observed, pid uint32) bool {
	if of.named {
		return true
	}
	if pod, known := o.Directory.Pod(of.id.PodUID); known {
		of.where.Container = pod.Containers[of.id.Container]
	}
	if of.where.Container == "" && pid != 0 {
		if mounts, err := os.ReadFile(filepath.Join(o.Proc, strconv.Itoa(int(pid)), "mountinfo")); err == nil {
			of.where.Container = container.NameIn(string(mounts), of.id.PodUID)
		}
	}
	if of.where.Container == "" {
		return false
	}
	of.named = true
	o.release(of)
	return true
}

func (o *Observer) release(of *observed) {
	for _, one := range of.held {
		o.write(one.kind, one.at, one.record)
	}
	of.held = nil
}

func (o *Observer) write(kind string, at time.Time, one record.Record) {
	if err := o.Writer.Write(kind, at, one); err != nil {
		o.failure = err
	}
}

// Reconsider takes changes of the directory: pods that are known now, namespaces that are observed or not any more.
func (o *Observer) Reconsider(now time.Time) error {
	for id, at := range o.cgroups {
		o.place(id, at, now)
	}
	for _, of := range o.containers {
		o.name(of, 0)
	}
	return o.failure
}

// Tick gives up on what has waited too long. The pause container of a pod has no name.
func (o *Observer) Tick(now time.Time) error {
	for id, at := range o.cgroups {
		switch {
		case at.verdict == kernel.Unknown && now.Sub(at.since) > podPatience:
			// Of a pod that the API server does not have, so of no observed namespace. Without an announcement it may be any.
			if !at.announced {
				o.Lost += uint64(len(at.waiting))
				delete(o.cgroups, id)
				_ = o.Kernel.Forget(id)
			} else {
				o.judge(id, at, kernel.Ignored)
			}
		// Whoever looks for the container of a parent finds those that are observed.
		case now.Sub(at.used) > idle && !o.lives(at):
			delete(o.cgroups, id)
			_ = o.Kernel.Forget(id)
		}
	}
	for _, of := range o.containers {
		if len(of.held) > 0 && now.Sub(of.held[0].since) > namePatience {
			of.named = true
			o.release(of)
		}
		if _, known := o.Directory.Pod(of.id.PodUID); !known && len(of.held) == 0 {
			delete(o.containers, of.id.Container)
		}
	}
	if now.Sub(o.swept) > time.Minute {
		o.swept = now
		// Whose end was lost.
		o.table.Keep(func(p *process.Process) bool {
			_, err := os.Stat(filepath.Join(o.Proc, strconv.Itoa(int(p.PID))))
			return err == nil
		})
	}
	return o.failure
}

func (o *Observer) lives(at *cgroup) bool {
	if at.of == nil {
		return false
	}
	_, known := o.Directory.Pod(at.of.id.PodUID)
	return known
}

// Complete is until when everything is told, given that it would be now.
func (o *Observer) Complete(now time.Time) time.Time {
	oldest := now
	consider := func(at time.Time) {
		if at.Before(oldest) {
			oldest = at
		}
	}
	for _, at := range o.cgroups {
		if len(at.waiting) > 0 && len(at.ids) > 0 {
			consider(o.Clock(at.waiting[0].Time))
		}
	}
	for _, of := range o.containers {
		if len(of.held) > 0 {
			consider(of.held[0].at)
		}
	}
	return oldest
}
