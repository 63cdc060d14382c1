package process

import (
	"fmt"
	"testing"
)

func image(executable string) Image { return Image{Executable: executable, Args: []string{executable}} }

func chainOf(p *Process) string {
	text := ""
	for _, ancestor := range p.Ancestors() {
		text += fmt.Sprintf("%s(%d) ", ancestor.Image.Executable, ancestor.PID)
	}
	return text
}

func TestTellsWhoBeganIt(t *testing.T) {
	table := NewTable()
	table.Exec("a", 10, 1, image("/php-fpm"))
	table.Fork("a", 11, 10)
	table.Fork("a", 12, 11)
	table.Exec("a", 12, 11, image("/sh"))
	table.Fork("a", 13, 12)
	miner := table.Exec("a", 13, 12, image("/xmrig"))
	if got := chainOf(miner); got != "/sh(12) /php-fpm(11) /php-fpm(10) " {
		t.Error(got)
	}
}

func TestKeepsThoseWhoHaveEnded(t *testing.T) {
	table := NewTable()
	table.Exec("a", 10, 1, image("/sh"))
	table.Fork("a", 11, 10)
	table.Exit(10)
	// Its parent is the container's first process by now.
	if got := chainOf(table.Exec("a", 11, 1, image("/late"))); got != "/sh(10) " {
		t.Error(got)
	}
	table.Exit(11)
	if table.Len() != 0 {
		t.Error(table.Len())
	}
}

func TestChildrenKeepWhatTheirParentWas(t *testing.T) {
	table := NewTable()
	table.Exec("a", 10, 1, image("/sh"))
	table.Fork("a", 11, 10)
	table.Exec("a", 10, 1, image("/sleep"))
	if got := chainOf(table.Exec("a", 11, 10, image("/ls"))); got != "/sh(10) " {
		t.Error(got)
	}
}

func TestTellsNothingOfOtherContainers(t *testing.T) {
	table := NewTable()
	table.Exec("a", 10, 1, image("/shim"))
	if got := chainOf(table.Exec("b", 11, 10, image("/sh"))); got != "" {
		t.Error(got)
	}
	// The same number again, elsewhere.
	if got := chainOf(table.Exec("b", 10, 11, image("/ls"))); got != "/sh(11) " {
		t.Error(got)
	}
}

func TestAChainThatNeverEndsStaysShort(t *testing.T) {
	table := NewTable()
	table.Exec("a", 1, 0, image("/successor"))
	for pid := uint32(2); pid < 100_000; pid++ {
		table.Fork("a", pid, pid-1)
		table.Exit(pid - 1)
	}
	last := table.Get(99_999)
	length := 0
	for at := last; at != nil; at = at.parent {
		length++
	}
	if length > deepest+1 || len(last.Ancestors()) == 0 || len(last.Ancestors()) > told {
		t.Errorf("%d, %d told", length, len(last.Ancestors()))
	}
	if table.Len() != 1 {
		t.Error(table.Len())
	}
}
