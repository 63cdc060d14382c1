package kernel

import (
	"bytes"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"unsafe"
)

// Kind of an event; values as in bpf/sensor.bpf.c.
type Kind uint32

const (
	Exec Kind = iota + 1
	Fork
	Exit
	Open
	Connect
	Cgroup
)

const (
	flagUpper = 1 << iota
	flagOverlay
	flagMemory
	flagArgsCut
	flagArgsUnread
	flagPathCut
	flagWrite
	flagUDP
	flagUnread
	flagRoot
)

// Layer is where an executed file lies.
type Layer int

const (
	// Volume is any file system but the container's root, or a root that is no overlay.
	Volume Layer = iota
	// Image is a layer that came with the image.
	Image
	// Written is the container's own layer.
	Written
	// Memory is a file that is on no disk: tmpfs, memfd.
	Memory
)

// Event is one thing that the kernel told.
type Event struct {
	Kind Kind
	// Since boot, nanoseconds.
	Time         uint64
	Cgroup       uint64
	ParentCgroup uint64
	// As the sensor's /proc has them; PPID 0 where the parent is not visible there.
	PID, PPID, UID uint32
	// In the mount namespace of its parent.
	SharesMounts bool
	// Of the executed or opened file as the process sees it, or the names of a cgroup's path.
	Path    string
	PathCut bool
	Args    []string
	ArgsCut bool
	Layer   Layer
	// When the executed file was last changed, nanoseconds since the epoch.
	Changed int64
	Write   bool
	UDP     bool
	// The zero value where it could not be read.
	To netip.AddrPort
}

func decode(raw []byte) (Event, error) {
	var e sensorEvent
	size := int(unsafe.Sizeof(e))
	if len(raw) < size {
		return Event{}, fmt.Errorf("an event of %d bytes", len(raw))
	}
	copy(unsafe.Slice((*byte)(unsafe.Pointer(&e)), size), raw)
	tail := raw[size:]
	if int(e.PathLength)+int(e.ArgsLength) > len(tail) {
		return Event{}, fmt.Errorf("an event of %d bytes says it has %d more", len(raw), e.PathLength+e.ArgsLength)
	}
	event := Event{
		Kind: Kind(e.Kind), Time: e.Time, Cgroup: e.Cgroup, ParentCgroup: e.ParentCgroup, PID: e.Pid, PPID: e.Ppid, UID: e.Uid,
		SharesMounts: e.Mounts == e.ParentMounts,
		Path:         pathOf(tail[:e.PathLength], Kind(e.Kind)),
		PathCut:      e.Flags&flagPathCut != 0,
		Args:         argumentsOf(tail[e.PathLength : e.PathLength+e.ArgsLength]),
		ArgsCut:      e.Flags&(flagArgsCut|flagArgsUnread) != 0,
		Layer:        layerOf(e.Flags),
		Changed:      e.Changed,
		Write:        e.Flags&flagWrite != 0,
		UDP:          e.Flags&flagUDP != 0,
	}
	if event.Kind == Connect && e.Flags&flagUnread == 0 {
		address := netip.AddrFrom16(e.Address)
		if e.Family == 2 {
			address = netip.AddrFrom4([4]byte(e.Address[:4]))
		}
		event.To = netip.AddrPortFrom(address.Unmap(), e.Port)
	}
	return event, nil
}

func layerOf(flags uint32) Layer {
	switch {
	case flags&flagMemory != 0:
		return Memory
	case flags&flagOverlay == 0 || flags&flagRoot == 0:
		return Volume
	case flags&flagUpper != 0:
		return Written
	}
	return Image
}

// pathOf joins names that come from the last to the first, each with a NUL.
func pathOf(raw []byte, kind Kind) string {
	if len(raw) == 0 {
		if kind == Cgroup {
			return "/"
		}
		return ""
	}
	names := strings.Split(strings.TrimSuffix(string(raw), "\x00"), "\x00")
	slices.Reverse(names)
	return "/" + strings.Join(names, "/")
}

// argumentsOf splits at NUL, which no argument can contain; an empty last argument counts.
func argumentsOf(raw []byte) []string {
	if len(raw) == 0 {
		return nil
	}
	parts := bytes.Split(bytes.TrimSuffix(raw, []byte{0}), []byte{0})
	arguments := make([]string, len(parts))
	for i, part := range parts {
		arguments[i] = string(part)
	}
	return arguments
}
