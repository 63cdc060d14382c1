package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"time"

	"github.com/kubesim/kubesim/sensor/internal/audit"
	"github.com/kubesim/kubesim/sensor/internal/pods"
	"github.com/kubesim/kubesim/sensor/internal/record"
)

// watchAudit tells the events of the audit log that matter, until the context ends.
func watchAudit(ctx context.Context, options options, out io.Writer) error {
	writer := record.NewWriter(out)
	start := &record.Start{Version: version, Node: options.node, Capabilities: []string{"audit"}, Missing: []record.Missing{}}
	// Of every node: a request may come from a pod of any.
	directory, err := follow(ctx, options, "")
	if err != nil {
		start.Capabilities, start.Missing = []string{}, []record.Missing{{Capability: "audit", Reason: err.Error()}}
		if err := writer.Write("start", time.Now(), start); err != nil {
			return err
		}
		if err := writer.Flush(); err != nil {
			return err
		}
		return err
	}
	tail := audit.NewTail(options.file)
	defer tail.Close()
	if !tail.There() {
		start.Capabilities = []string{}
		start.Missing = []record.Missing{{Capability: "audit", Reason: fmt.Sprintf("there is no %s on this node", options.file)}}
	}
	if err := writer.Write("start", time.Now(), start); err != nil {
		return err
	}
	ready(ctx, options.ready)
	teller := &auditTeller{node: options.node, writer: writer, directory: directory, all: options.all}
	beat := time.Now()
	for ctx.Err() == nil {
		now := time.Now()
		if err := teller.poll(tail, now); err != nil {
			return err
		}
		if !now.Before(beat) {
			beat = now.Add(heartbeat)
			capabilities := []string{}
			if tail.There() {
				capabilities = []string{"audit"}
			}
			told := &record.Heartbeat{Seen: teller.seen, Lost: tail.Lost + teller.broken, Capabilities: capabilities}
			if err := writer.Write("heartbeat", now, told); err != nil {
				return err
			}
		}
		if err := writer.Flush(); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
		case <-time.After(tick / 2):
		}
	}
	return nil
}

const (
	// A namespace and what is made in it at once stand in the log before the API server has told us of the namespace.
	secondLook     = 3 * time.Second
	secondLookRoom = 16 << 20
)

type auditTeller struct {
	node         string
	writer       *record.Writer
	directory    *pods.Directory
	all          bool
	scope        audit.Scope
	seen, broken uint64
	// Lines that were about nothing observed, and may be yet.
	passed []passedLine
	room   int
}

type passedLine struct {
	at   time.Time
	line []byte
}

func (t *auditTeller) poll(tail *audit.Tail, now time.Time) error {
	changed := false
	select {
	case <-t.directory.Changed():
		changed = true
	default:
	}
	t.scope = audit.Scope{All: t.all, Namespaces: t.directory.Observed(), Addresses: t.directory.Addresses()}
	if changed {
		again := t.passed
		t.passed, t.room = nil, 0
		for _, one := range again {
			if err := t.tell(one.line, one.at); err != nil {
				return err
			}
		}
	}
	for len(t.passed) > 0 && (now.Sub(t.passed[0].at) > secondLook || t.room > secondLookRoom) {
		t.room -= len(t.passed[0].line)
		t.passed = t.passed[1:]
	}
	return tail.Poll(func(line []byte) error {
		t.seen++
		return t.tell(line, now)
	})
}

func (t *auditTeller) tell(line []byte, now time.Time) error {
	event, cut, err := t.scope.Event(line)
	if err != nil {
		t.broken++
		return nil
	}
	if event == nil {
		t.passed = append(t.passed, passedLine{now, bytes.Clone(line)})
		t.room += len(line)
		return nil
	}
	return t.writer.Write("audit", stageTime(event, now), &record.Audit{Node: t.node, Event: event, Truncated: cut})
}

// stageTime is when the event happened, by the API server's clock.
func stageTime(event map[string]any, otherwise time.Time) time.Time {
	text, _ := event["stageTimestamp"].(string)
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return otherwise
	}
	return at
}
