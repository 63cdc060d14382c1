// Package record writes what the sensor saw: JSON, one record a line, as README.md says.
package record

import (
	"bufio"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"io"
	"time"
)

// Missing is something that this sensor cannot see here, and why.
type Missing struct {
	Capability string `json:"capability"`
	Reason     string `json:"reason"`
}

// Start is the first record.
type Start struct {
	Head
	Version      string    `json:"version"`
	Node         string    `json:"node"`
	Kernel       string    `json:"kernel,omitempty"`
	BootTime     string    `json:"bootTime,omitempty"`
	Capabilities []string  `json:"capabilities"`
	Missing      []Missing `json:"missing"`
}

// Heartbeat comes every second. It says that all that was seen before is told, but what is counted as lost.
type Heartbeat struct {
	Head
	// Until when all is told, where that is not the record's own time: something waits to be placed.
	Complete string `json:"complete,omitempty"`
	// Events taken from the kernel, or lines from the audit log, since the start.
	Seen uint64 `json:"seen"`
	// Those that are not told though they should be, since the start.
	Lost         uint64   `json:"lost"`
	Capabilities []string `json:"capabilities"`
}

// Where is the container in which something happened.
type Where struct {
	Node        string `json:"node"`
	Namespace   string `json:"namespace"`
	Pod         string `json:"pod"`
	PodUID      string `json:"podUid"`
	Container   string `json:"container"`
	ContainerID string `json:"containerId"`
}

// Process is a program as it was started.
type Process struct {
	PID        uint32   `json:"pid"`
	Executable string   `json:"executable"`
	Arguments  []string `json:"arguments"`
	Truncated  bool     `json:"truncated,omitempty"`
	UID        uint32   `json:"uid"`
	StartedAt  string   `json:"startedAt,omitempty"`
}

// Observed is what all records of containers have.
type Observed struct {
	Head
	Where     *Where    `json:"where"`
	Process   Process   `json:"process"`
	Ancestors []Process `json:"ancestors"`
}

// Started is a program that was started.
type Started struct {
	Observed
	Drift bool `json:"drift"`
}

// File is a file of the watch list that was opened.
type File struct {
	Observed
	Path   string `json:"path"`
	Access string `json:"access"`
}

// Connection is one that was attempted.
type Connection struct {
	Observed
	Address  string `json:"address"`
	Port     uint16 `json:"port"`
	Protocol string `json:"protocol"`
}

// Audit is an event of the API server's audit log.
type Audit struct {
	Head
	Node  string         `json:"node"`
	Event map[string]any `json:"event"`
	// The bodies were left out, because they were too long.
	Truncated bool `json:"truncated,omitempty"`
}

// Head is what all records begin with.
type Head struct {
	Type string `json:"type"`
	// From 1, without a gap, for each instance.
	Seq uint64 `json:"seq"`
	// Of this start of the sensor.
	Instance string `json:"instance"`
	Time     string `json:"time"`
}

func (h *Head) head() *Head { return h }

// Record is any of the above.
type Record interface{ head() *Head }

// Writer numbers records and writes them. It is for one goroutine.
type Writer struct {
	buffer   *bufio.Writer
	encoder  *json.Encoder
	seq      uint64
	instance string
}

// NewWriter is a writer of a new instance.
func NewWriter(to io.Writer) *Writer {
	id := make([]byte, 6)
	rand.Read(id)
	buffer := bufio.NewWriterSize(to, 1<<16)
	encoder := json.NewEncoder(buffer)
	encoder.SetEscapeHTML(false)
	return &Writer{buffer: buffer, encoder: encoder, instance: hex.EncodeToString(id)}
}

// Write adds a record, whose type, number and instance it sets.
func (w *Writer) Write(kind string, at time.Time, record Record) error {
	w.seq++
	*record.head() = Head{Type: kind, Seq: w.seq, Instance: w.instance, Time: Time(at)}
	// Ends the line, and escapes all that could end one inside.
	return w.encoder.Encode(record)
}

// Flush sends what was written.
func (w *Writer) Flush() error { return w.buffer.Flush() }

// Time is RFC 3339 in UTC with nanoseconds.
func Time(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000000000Z07:00") }
