package kernel

import (
	"net"
	"net/netip"
	"os"
	"testing"
)

func TestTellsConnections(t *testing.T) {
	p := probe(t)
	for _, c := range []struct {
		network, listen string
		udp             bool
	}{{"tcp4", "127.0.0.1:0", false}, {"tcp6", "[::1]:0", false}, {"udp4", "127.0.0.1:0", true}} {
		var to netip.AddrPort
		if c.udp {
			listener, err := net.ListenPacket(c.network, c.listen)
			if err != nil {
				t.Fatal(err)
			}
			defer listener.Close()
			to = netip.MustParseAddrPort(listener.LocalAddr().String())
		} else {
			listener, err := net.Listen(c.network, c.listen)
			if err != nil {
				t.Log("not here:", err)
				continue
			}
			defer listener.Close()
			to = netip.MustParseAddrPort(listener.Addr().String())
		}
		connection, err := net.Dial(c.network, to.String())
		if err != nil {
			t.Fatal(err)
		}
		connection.Close()
		event := until(t, p, func(e Event) bool { return e.Kind == Connect && e.PID == uint32(os.Getpid()) })
		if event.To != to || event.UDP != c.udp {
			t.Errorf("%s: %+v", c.network, event)
		}
	}
}

// An attempt that nobody answers is one, too.
func TestTellsConnectionsThatFail(t *testing.T) {
	p := probe(t)
	if connection, err := net.Dial("tcp4", "127.0.0.1:1"); err == nil {
		connection.Close()
		t.Skip("something listens on port 1")
	}
	event := until(t, p, func(e Event) bool { return e.Kind == Connect && e.PID == uint32(os.Getpid()) })
	if event.To != netip.MustParseAddrPort("127.0.0.1:1") {
		t.Errorf("%+v", event)
	}
}
