// The sensor of kubesim: tells what happens in the containers of this node, or in the API server's audit log, as JSON lines on its output.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// version is set by the build.
var version = "development"

const usage = `sensor [flags]         tells programs, files and connections of this node's containers
sensor audit [flags]   tells the API server's audit log of this node
sensor version

`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "sensor:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, arguments []string, out io.Writer) error {
	mode := "node"
	if len(arguments) > 0 && (arguments[0] == "audit" || arguments[0] == "version") {
		mode, arguments = arguments[0], arguments[1:]
	}
	if mode == "version" {
		_, err := fmt.Fprintln(out, version)
		return err
	}
	options := options{}
	flags := flag.NewFlagSet("sensor", flag.ContinueOnError)
	flags.Usage = func() { fmt.Fprint(flags.Output(), usage); flags.PrintDefaults() }
	flags.StringVar(&options.node, "node", os.Getenv("NODE_NAME"), "name of this node (default: NODE_NAME)")
	flags.StringVar(&options.kubeconfig, "kubeconfig", "", "how the API server is reached (default: as the pod's service account)")
	flags.StringVar(&options.ready, "ready", "", "address that answers /ready, such as :8686")
	if mode == "audit" {
		flags.StringVar(&options.file, "file", "/var/log/kubernetes/audit.log", "the audit log")
		flags.BoolVar(&options.all, "all", false, "tell every event, whatever it is about")
	} else {
		flags.BoolVar(&options.all, "all-pods", false, "tell of the pods in all namespaces, not only in those that are observed")
	}
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("there is no %q; see sensor --help", flags.Arg(0))
	}
	if options.node == "" {
		return errors.New("the node has no name: give --node or NODE_NAME")
	}
	if mode == "audit" {
		return watchAudit(ctx, options, out)
	}
	return watchNode(ctx, options, out)
}

type options struct {
	node, kubeconfig, ready, file string
	all                           bool
}
