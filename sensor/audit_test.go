package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kubesim/kubesim/sensor/internal/audit"
	"github.com/kubesim/kubesim/sensor/internal/pods"
	"github.com/kubesim/kubesim/sensor/internal/record"
)

// The log is faster than the watch: a namespace and what is made in it are told though they come first.
func TestTellsWhatComesBeforeItsNamespaceIsKnown(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit.log")
	line := `{"stage":"ResponseComplete","auditID":"a","stageTimestamp":"2026-11-25T01:02:03.000004Z","objectRef":{"namespace":"sim-k3x9"}}`
	tail := audit.NewTail(path)
	defer tail.Close()
	if err := os.WriteFile(path, []byte(line+"\nno JSON\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	directory := pods.New(false)
	teller := &auditTeller{node: "n1", writer: record.NewWriter(&out), directory: directory}
	now := time.Now()
	poll := func(at time.Time) string {
		if err := teller.poll(tail, at); err != nil {
			t.Fatal(err)
		}
		teller.writer.Flush()
		return out.String()
	}
	if got := poll(now); got != "" || teller.seen != 2 || teller.broken != 1 {
		t.Fatalf("%q, %d seen, %d broken", got, teller.seen, teller.broken)
	}
	directory.Observe("sim-k3x9", "k3x9")
	if got := poll(now.Add(time.Second)); !strings.Contains(got, `"auditID":"a"`) || !strings.Contains(got, `"time":"2026-11-25T01:02:03.000004000Z"`) {
		t.Fatalf("%q", got)
	}
	// Once.
	directory.Observe("sim-other", "other")
	if got := poll(now.Add(time.Second)); strings.Count(got, "auditID") != 1 {
		t.Fatalf("%q", got)
	}
}

func TestForgetsWhatNobodyAsksFor(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit.log")
	tail := audit.NewTail(path)
	defer tail.Close()
	os.WriteFile(path, []byte(`{"stage":"ResponseComplete","objectRef":{"namespace":"late"}}`+"\n"), 0o600)
	var out bytes.Buffer
	directory := pods.New(false)
	teller := &auditTeller{node: "n1", writer: record.NewWriter(&out), directory: directory}
	now := time.Now()
	teller.poll(tail, now)
	teller.poll(tail, now.Add(secondLook+1))
	if len(teller.passed) != 0 || teller.room != 0 {
		t.Error(len(teller.passed), teller.room)
	}
}

func TestWrongUsage(t *testing.T) {
	t.Setenv("NODE_NAME", "")
	for _, c := range []struct {
		arguments []string
		want      string
	}{
		{[]string{"audit"}, "the node has no name"},
		{[]string{"--node=n", "more"}, `there is no "more"`},
		{[]string{"--file=x"}, "flag provided but not defined"},
	} {
		if err := run(context.Background(), c.arguments, &bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v", c.arguments, err)
		}
	}
}
