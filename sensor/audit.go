package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/kubesim/kubesim/sensor/internal/audit"
	"github.com/kubesim/kubesim/sensor/internal/record"
)

// watchAudit tells the events of the audit log that matter, until the context ends.
func watchAudit(ctx context.Context, options options, out io.Writer) error {
	writer := record.NewWriter(out)
	start := &record.Start{Version: version, Node: options.node, Capabilities: []string{"audit"}, Missing: []record.Missing{}}
	// On every node, in the order in which it happens: the requests that come between are judged by what is observed then.
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
	var seen, broken uint64
	beat := time.Now()
	for ctx.Err() == nil {
		scope := audit.Scope{All: options.all, Namespaces: directory.Observed(), Addresses: directory.Addresses()}
		now := time.Now()
		err := tail.Poll(func(line []byte) error {
			seen++
			event, cut, err := scope.Event(line)
			if err != nil {
				broken++
				return nil
			}
			if event == nil {
				return nil
			}
			return writer.Write("audit", stageTime(event, now), &record.Audit{Node: options.node, Event: event, Truncated: cut})
		})
		if err != nil {
			return err
		}
		if !now.Before(beat) {
			beat = now.Add(heartbeat)
			capabilities := []string{}
			if tail.There() {
				capabilities = []string{"audit"}
			}
			if err := writer.Write("heartbeat", now, &record.Heartbeat{Seen: seen, Lost: tail.Lost + broken, Capabilities: capabilities}); err != nil {
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

// stageTime is when the event happened, by the API server's clock.
func stageTime(event map[string]any, otherwise time.Time) time.Time {
	text, _ := event["stageTimestamp"].(string)
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return otherwise
	}
	return at
}
