package record

import (
	"unicode/utf8"

	"github.com/kubesim/kubesim/sensor/internal/process"
)

// Bytes of arguments that are told of an ancestor; of the process itself all that the kernel gave.
const ancestorRoom = 4096

// ProcessOf is a record of a process, with its secrets masked.
func ProcessOf(p *process.Process) Process {
	if p.Image == nil {
		return Process{PID: p.PID, Arguments: []string{}}
	}
	return Process{
		PID:        p.PID,
		Executable: p.Image.Executable,
		Arguments:  Arguments(p.Image.Args),
		Truncated:  p.Image.Truncated,
		UID:        p.Image.UID,
		StartedAt:  Time(p.Image.Started),
	}
}

// AncestorsOf are records of those who began a process, nearest first, with long arguments cut.
func AncestorsOf(p *process.Process) []Process {
	told := []Process{}
	for _, ancestor := range p.Ancestors() {
		one := ProcessOf(ancestor)
		room := ancestorRoom
		for i, argument := range one.Arguments {
			if len(argument) <= room {
				room -= len(argument)
				continue
			}
			for room > 0 && !utf8.RuneStart(argument[room]) {
				room--
			}
			one.Arguments = append(one.Arguments[:i:i], argument[:room])
			one.Truncated = true
			break
		}
		told = append(told, one)
	}
	return told
}
