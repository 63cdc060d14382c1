package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"github.com/kubesim/kubesim/sensor/internal/kernel"
	"github.com/kubesim/kubesim/sensor/internal/observe"
	"github.com/kubesim/kubesim/sensor/internal/pods"
	"github.com/kubesim/kubesim/sensor/internal/record"
	"github.com/kubesim/kubesim/sensor/internal/watchlist"
)

// watchNode tells what happens in the node's containers, until the context ends.
func watchNode(ctx context.Context, options options, out io.Writer) error {
	writer := record.NewWriter(out)
	clock := &bootClock{}
	if err := clock.set(); err != nil {
		return err
	}
	start := &record.Start{
		Version: version, Node: options.node, Kernel: kernel.Release(), BootTime: record.Time(clock.at(0)),
		Capabilities: []string{}, Missing: []record.Missing{},
	}
	// Whoever reads the log learns why there is nothing else in it.
	fail := func(err error) error {
		start.Missing = []record.Missing{{Capability: "process", Reason: err.Error()}}
		if err := errors.Join(writer.Write("start", time.Now(), start), writer.Flush()); err != nil {
			return err
		}
		return err
	}
	probe, err := kernel.Load(watchlist.Names())
	if err != nil {
		return fail(err)
	}
	defer probe.Close()
	directory, err := follow(ctx, options, options.node)
	if err != nil {
		return fail(err)
	}
	missing, err := probe.Attach()
	if err != nil {
		return fail(err)
	}
	start.Capabilities = []string{"process", "file", "network"}
	for _, one := range missing {
		start.Missing = append(start.Missing, record.Missing(one))
		start.Capabilities = slices.DeleteFunc(start.Capabilities, func(name string) bool { return name == one.Capability })
	}
	if err := writer.Write("start", time.Now(), start); err != nil {
		return err
	}
	ready(ctx, options.ready)
	observer := &observe.Observer{Node: options.node, Directory: directory, Kernel: probe, Writer: writer, Clock: clock.at, Proc: "/proc"}
	observer.Init()
	return observeUntil(ctx, observer, probe, clock, start.Capabilities)
}

const (
	tick      = 100 * time.Millisecond
	heartbeat = time.Second
)

func observeUntil(ctx context.Context, observer *observe.Observer, probe *kernel.Probe, clock *bootClock, capabilities []string) error {
	// The first one at once: who follows the log knows from then on.
	beat := time.Now()
	nextTick := beat
	var last uint64
	for ctx.Err() == nil {
		probe.SetDeadline(nextTick)
		event, err := probe.Read()
		if err == nil {
			last = event.Time
			err = observer.Take(event, time.Now())
		} else if errors.Is(err, os.ErrDeadlineExceeded) {
			err = nil
		}
		select {
		case <-observer.Directory.Changed():
			err = errors.Join(err, observer.Reconsider(time.Now()))
		default:
		}
		now := time.Now()
		if !now.Before(nextTick) {
			nextTick = now.Add(tick)
			err = errors.Join(err, observer.Tick(now))
		}
		if !now.Before(beat) {
			beat = now.Add(heartbeat)
			complete := observer.Complete(now)
			// What is still in the buffer is later than what was read of it.
			if read := clock.at(last); probe.Waiting() && read.Before(complete) {
				complete = read
			}
			err = errors.Join(err, clock.set(), tellHeartbeat(observer, probe, capabilities, now, complete))
		}
		if !probe.Waiting() {
			err = errors.Join(err, observer.Writer.Flush())
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func tellHeartbeat(observer *observe.Observer, probe *kernel.Probe, capabilities []string, now, complete time.Time) error {
	lost, err := probe.Lost()
	if err != nil {
		return err
	}
	beat := &record.Heartbeat{Seen: observer.Seen, Lost: lost + observer.Lost, Capabilities: capabilities}
	if complete.Before(now) {
		beat.Complete = record.Time(complete)
	}
	return observer.Writer.Write("heartbeat", now, beat)
}

// follow knows the pods and namespaces of the API server; of one node where it is named.
func follow(ctx context.Context, options options, node string) (*pods.Directory, error) {
	config, err := pods.Config(options.kubeconfig)
	if err != nil {
		return nil, err
	}
	limited, cancel := context.WithTimeoutCause(ctx, 30*time.Second, errors.New("no answer for 30 s"))
	defer cancel()
	directory := pods.New(options.all)
	if err := directory.Follow(ctx, limited, config, node); err != nil {
		return nil, err
	}
	return directory, nil
}

// bootClock turns times since boot into those of the day, which may be set while the machine runs.
type bootClock struct{ offset int64 }

func (c *bootClock) set() error {
	var boot, real unix.Timespec
	if err := errors.Join(unix.ClockGettime(unix.CLOCK_BOOTTIME, &boot), unix.ClockGettime(unix.CLOCK_REALTIME, &real)); err != nil {
		return fmt.Errorf("clock: %w", err)
	}
	c.offset = real.Nano() - boot.Nano()
	return nil
}

func (c *bootClock) at(sinceBoot uint64) time.Time { return time.Unix(0, c.offset+int64(sinceBoot)) }
