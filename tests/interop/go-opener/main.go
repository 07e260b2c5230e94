// Command go-opener opens the vectors of segments with Go's standard library, and follows those of chains: files in a
// folder of that name. It was written from spec/segment.md alone.
//
// Usage: go-opener FILE...
//
// It prints "NAME opened HASH" or "NAME refused CLASS" for each file and ends with 1 if one differs from its `expect`.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// A vector is what a file gives to open its segment with, and what must come of it.
type vector struct {
	expect  string
	events  string
	number  *uint32
	chunk   *int
	role    byte
	device  []byte
	seed    []byte
	enc     []byte
	wrap    []byte
	segment []byte
}

var expectations = []string{
	"opened", classHeader, classSignature, classTorn, classWrap, classCommitment, classChunk, classBlock, classOrder,
}

func readVector(data []byte) (*vector, error) {
	head, segment, found := bytes.Cut(data, []byte("\n\n"))
	if !found {
		return nil, errors.New("no empty line")
	}
	fields := map[string]string{}
	for line := range strings.SplitSeq(string(head), "\n") {
		key, value, found := strings.Cut(line, ": ")
		if _, twice := fields[key]; !found || twice {
			return nil, fmt.Errorf("bad line %q", line)
		}
		fields[key] = value
	}
	v := &vector{segment: segment}
	for key, value := range fields {
		if err := v.set(key, value); err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
	}
	for _, key := range []string{"expect", "device", "identity", "role", "enc", "wrap"} {
		if _, found := fields[key]; !found {
			return nil, fmt.Errorf("no %s", key)
		}
	}
	if _, found := fields["events"]; found != (v.expect == "opened") {
		return nil, errors.New("events go with opened, and only with opened")
	}
	if _, found := fields["number"]; found != (v.expect != "opened" && v.expect != classHeader) {
		return nil, errors.New("a number goes with every refusal but that of a header")
	}
	inChunk := []string{classChunk, classBlock, classOrder}
	if _, found := fields["chunk"]; found != slices.Contains(inChunk, v.expect) {
		return nil, errors.New("a chunk goes with what is refused there")
	}
	return v, nil
}

func (v *vector) set(key, value string) (err error) {
	switch key {
	case "expect":
		if !slices.Contains(expectations, value) {
			return fmt.Errorf("%q is no outcome", value)
		}
		v.expect = value
	case "events":
		v.events = value
	case "number":
		var n uint64
		n, err = strconv.ParseUint(value, 10, 32)
		v.number = new(uint32(n))
	case "chunk":
		var n uint64
		n, err = strconv.ParseUint(value, 10, 31)
		v.chunk = new(int(n))
	case "role":
		switch value {
		case "vault":
			v.role = roleVault
		case "participant":
			v.role = roleParticipant
		default:
			return fmt.Errorf("%q is no role", value)
		}
	case "device":
		v.device, err = hex.DecodeString(value)
	case "identity":
		v.seed, err = hex.DecodeString(value)
	case "enc":
		v.enc, err = hex.DecodeString(value)
	case "wrap":
		v.wrap, err = hex.DecodeString(value)
	default:
		return errors.New("unknown key")
	}
	return err
}

// check opens one file, prints what came of it, and says how that differs from what was expected.
func check(name string, data []byte) error {
	v, err := readVector(data)
	if err != nil {
		return fmt.Errorf("not a vector: %w", err)
	}
	text := sha256.New()
	header, err := open(v, text)
	if err == nil {
		hash := hex.EncodeToString(text.Sum(nil))
		fmt.Println(name, "opened", hash)
		switch {
		case v.expect != "opened":
			return fmt.Errorf("expected %s", v.expect)
		case v.events != hash:
			return fmt.Errorf("expected the events %s", v.events)
		}
	} else {
		var refused *refusal
		if !errors.As(err, &refused) {
			return err
		}
		fmt.Println(name, "refused", refused.class)
		if v.expect != refused.class {
			return fmt.Errorf("expected %s, but %w", v.expect, err)
		}
		if v.chunk != nil && *v.chunk != refused.chunk {
			return fmt.Errorf("expected it of chunk %d, but %w", *v.chunk, err)
		}
	}
	if v.number != nil && (header == nil || *v.number != header.number) {
		return fmt.Errorf("expected number %d, but the header is %+v", *v.number, header)
	}
	return nil
}

func main() {
	status := 0
	for _, path := range os.Args[1:] {
		name := filepath.Base(path)
		data, err := os.ReadFile(path)
		if err == nil {
			if filepath.Base(filepath.Dir(path)) == "chain" {
				err = checkChain(name, data)
			} else {
				err = check(name, data)
			}
		}
		if err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
			status = 1
		}
	}
	os.Exit(status)
}
