// The lab's keys, certificates and kubeconfigs, new for every lab.
package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"flag"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

const lifetime = 365 * 24 * time.Hour

type authority struct {
	folder      string
	certificate *x509.Certificate
	key         crypto.Signer
}

// makeKeys fills a folder that did not exist: it appears whole, or not at all.
func makeKeys(arguments []string) error {
	flags := flag.NewFlagSet("pki", flag.ExitOnError)
	folder := flags.String("folder", "", "folder to make")
	node := flags.String("node", "simlab", "the node's name, and the context's")
	addresses := flags.String("addresses", "127.0.0.1", "addresses of the API server and the node, separated by commas")
	inside := flags.String("inside", "https://127.0.0.1:6443", "the API server as the components reach it")
	outside := flags.String("outside", "", "the API server as the host reaches it")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	draft := *folder + ".new"
	if err := os.RemoveAll(draft); err != nil {
		return err
	}
	if err := os.MkdirAll(draft, 0o700); err != nil {
		return err
	}
	if err := fill(draft, *node, strings.Split(*addresses, ","), *inside, *outside); err != nil {
		return err
	}
	return os.Rename(draft, *folder)
}

func fill(folder, node string, addresses []string, inside, outside string) error {
	ca, err := newAuthority(folder)
	if err != nil {
		return err
	}
	accounts, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	if err := writeKey(filepath.Join(folder, "sa.key"), accounts); err != nil {
		return err
	}
	public, err := x509.MarshalPKIXPublicKey(accounts.Public())
	if err != nil {
		return err
	}
	if err := writePEM(filepath.Join(folder, "sa.pub"), "PUBLIC KEY", public); err != nil {
		return err
	}
	api := []string{"kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local", "localhost"}
	for name, subject := range map[string]pkix.Name{
		"apiserver":      {CommonName: "kube-apiserver"},
		"kubelet-client": {CommonName: "kube-apiserver-kubelet-client", Organization: []string{"system:masters"}},
	} {
		if _, _, err := ca.issue(name, subject, api, addresses); err != nil {
			return err
		}
	}
	for name, user := range map[string]struct {
		subject pkix.Name
		server  string
	}{
		"admin":              {pkix.Name{CommonName: "kubernetes-admin", Organization: []string{"system:masters"}}, outside},
		"inside":             {pkix.Name{CommonName: "kubernetes-admin", Organization: []string{"system:masters"}}, inside},
		"controller-manager": {pkix.Name{CommonName: "system:kube-controller-manager"}, inside},
		"scheduler":          {pkix.Name{CommonName: "system:kube-scheduler"}, inside},
		"proxy":              {pkix.Name{CommonName: "system:kube-proxy"}, inside},
		"dns":                {pkix.Name{CommonName: "system:coredns"}, inside},
		"kubelet":            {pkix.Name{CommonName: "system:node:" + node, Organization: []string{"system:nodes"}}, inside},
	} {
		certificate, key, err := ca.issue(name, user.subject, []string{node}, addresses)
		if err != nil {
			return err
		}
		if err := ca.writeKubeconfig(name, node, user.server, certificate, key); err != nil {
			return err
		}
	}
	return nil
}

func newAuthority(folder string) (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "simlab-ca"},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(lifetime),
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	if err := writePEM(filepath.Join(folder, "ca.crt"), "CERTIFICATE", der); err != nil {
		return nil, err
	}
	return &authority{folder, certificate, key}, writeKey(filepath.Join(folder, "ca.key"), key)
}

// issue writes NAME.crt and NAME.key, good for both ends of a connection, and returns their paths.
func (ca *authority) issue(name string, subject pkix.Name, names, addresses []string) (string, string, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", "", err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return "", "", err
	}
	template := &x509.Certificate{
		SerialNumber: serial,
		Subject:      subject,
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(lifetime),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
		DNSNames:     names,
	}
	for _, address := range addresses {
		template.IPAddresses = append(template.IPAddresses, net.ParseIP(address))
	}
	der, err := x509.CreateCertificate(rand.Reader, template, ca.certificate, key.Public(), ca.key)
	if err != nil {
		return "", "", err
	}
	certificate, private := filepath.Join(ca.folder, name+".crt"), filepath.Join(ca.folder, name+".key")
	if err := writePEM(certificate, "CERTIFICATE", der); err != nil {
		return "", "", err
	}
	return certificate, private, writeKey(private, key)
}

func (ca *authority) writeKubeconfig(name, context, server, certificate, key string) error {
	config := clientcmdapi.NewConfig()
	user := clientcmdapi.NewAuthInfo()
	cluster := clientcmdapi.NewCluster()
	cluster.Server = server
	for file, into := range map[string]*[]byte{
		certificate:                        &user.ClientCertificateData,
		key:                                &user.ClientKeyData,
		filepath.Join(ca.folder, "ca.crt"): &cluster.CertificateAuthorityData,
	} {
		content, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		*into = content
	}
	config.Clusters[context] = cluster
	config.AuthInfos[name] = user
	config.Contexts[context] = &clientcmdapi.Context{Cluster: context, AuthInfo: name}
	config.CurrentContext = context
	return clientcmd.WriteToFile(*config, filepath.Join(ca.folder, name+".conf"))
}

func writeKey(path string, key crypto.Signer) error {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	return writePEM(path, "PRIVATE KEY", der)
}

func writePEM(path, kind string, der []byte) error {
	return os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600)
}
