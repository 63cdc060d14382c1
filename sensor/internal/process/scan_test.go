package process

import (
	"os"
	"os/exec"
	"testing"
	"time"
)

func TestScanFindsRunningProcesses(t *testing.T) {
	child := exec.Command("sleep", "30")
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	defer child.Wait()
	defer child.Process.Kill()
	found := Scan("/proc", func(since uint64) time.Time { return time.Unix(0, int64(since)) }, func(string) bool { return true })
	table := NewTable()
	table.Add("c", found)
	self, sleep := table.Get(uint32(os.Getpid())), table.Get(uint32(child.Process.Pid))
	if self == nil || sleep == nil {
		t.Fatalf("%d found, not these", len(found))
	}
	if sleep.Ancestors()[0] != self {
		t.Error("its parent is another")
	}
	executable, _ := os.Executable()
	if self.Image.Executable != executable || self.Image.UID != uint32(os.Getuid()) || self.Image.Started.Unix() == 0 {
		t.Errorf("%+v", self.Image)
	}
}

func TestAddKeepsWhatTheKernelTold(t *testing.T) {
	table := NewTable()
	table.Exec("c", 10, 1, image("/told"))
	// Their order is that of numbers, which says nothing of who began whom.
	table.Add("c", []Found{{PID: 5, PPID: 20, Image: image("/grandchild")}, {PID: 10, PPID: 1, Image: image("/found")}, {PID: 20, PPID: 10, Image: image("/child")}})
	if got := chainOf(table.Get(5)); got != "/child(20) /told(10) " {
		t.Error(got)
	}
}
