// The only way into the lab: a port on the host's loopback that leads to one inside the lab's network namespace.
package main

import (
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

// forward listens in the host's namespace and connects in that of the process given.
func forward(arguments []string) error {
	flags := flag.NewFlagSet("forward", flag.ExitOnError)
	listen := flags.String("listen", "127.0.0.1:16443", "loopback address on the host")
	pid := flags.Int("pid", 0, "a process of the namespace")
	to := flags.String("to", "127.0.0.1:6443", "address inside the namespace")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	if host, _, err := net.SplitHostPort(*listen); err != nil || !net.ParseIP(host).IsLoopback() {
		return fmt.Errorf("%s is no loopback address", *listen)
	}
	listener, err := net.Listen("tcp", *listen)
	if err != nil {
		return err
	}
	namespace, err := os.Open(fmt.Sprintf("/proc/%d/ns/net", *pid))
	if err != nil {
		return err
	}
	for {
		connection, err := listener.Accept()
		if err != nil {
			return err
		}
		go serve(connection.(*net.TCPConn), namespace, *to)
	}
}

func serve(outside *net.TCPConn, namespace *os.File, to string) {
	defer outside.Close()
	inside, err := dialIn(namespace, to)
	if err != nil {
		log.Print(err)
		return
	}
	defer inside.Close()
	done := make(chan struct{}, 2)
	copyTo := func(to, from *net.TCPConn) {
		_, _ = io.Copy(to, from)
		// The other direction may still have something to say.
		_ = to.CloseWrite()
		done <- struct{}{}
	}
	go copyTo(inside, outside)
	go copyTo(outside, inside)
	<-done
	<-done
}

func dialIn(namespace *os.File, to string) (*net.TCPConn, error) {
	type answer struct {
		connection net.Conn
		err        error
	}
	answers := make(chan answer, 1)
	go func() {
		// Never unlocked: the thread has changed its namespace, so it ends with this goroutine.
		runtime.LockOSThread()
		if err := unix.Setns(int(namespace.Fd()), unix.CLONE_NEWNET); err != nil {
			answers <- answer{nil, err}
			return
		}
		connection, err := net.Dial("tcp", to)
		answers <- answer{connection, err}
	}()
	got := <-answers
	if got.err != nil {
		return nil, got.err
	}
	return got.connection.(*net.TCPConn), nil
}
