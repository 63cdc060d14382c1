package record

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// Arguments are what an attacker chooses: none may end a line, close a text, or pass for a record.
func TestNoArgumentForgesARecord(t *testing.T) {
	forged := `{"type":"heartbeat","seq":9,"instance":"x","time":"2026-01-01T00:00:00Z","seen":0,"lost":0}`
	hostile := []string{
		"\n" + forged, "\r\n" + forged + "\n", `"]}}` + "\n" + forged, "\u2028" + forged, "\u0085" + forged, "\x00" + forged,
		"\xff\xfe\n" + forged, "\\\"" + forged, "\x1b[2K" + forged, strings.Repeat("\"\n", 2000), "</script>" + forged, "\ufeff" + forged, "\xed\xa0\x80\n" + forged,
	}
	var out bytes.Buffer
	w := NewWriter(&out)
	at := time.Date(2026, 11, 25, 1, 2, 3, 45, time.UTC)
	for _, text := range hostile {
		process := Process{PID: 1, Executable: text, Arguments: []string{text}}
		record := &Started{Observed: Observed{Where: &Where{Pod: "p"}, Process: process, Ancestors: []Process{process}}}
		if err := w.Write("process", at, record); err != nil {
			t.Fatal(err)
		}
	}
	w.Flush()
	lines := bytes.Split(bytes.TrimSuffix(out.Bytes(), []byte("\n")), []byte("\n"))
	if len(lines) != len(hostile) {
		t.Fatalf("%d lines for %d records", len(lines), len(hostile))
	}
	for i, line := range lines {
		var got Started
		if err := json.Unmarshal(line, &got); err != nil {
			t.Fatalf("%d: %v", i, err)
		}
		if got.Type != "process" || got.Seq != uint64(i+1) || got.Instance != w.instance || got.Time != "2026-11-25T01:02:03.000000045Z" {
			t.Errorf("%d: %+v", i, got.Head)
		}
		if want := strings.ToValidUTF8(hostile[i], "\ufffd"); !strings.Contains(want, "\ufffd") && got.Process.Arguments[0] != want {
			t.Errorf("%d: %q", i, got.Process.Arguments[0])
		}
	}
}
