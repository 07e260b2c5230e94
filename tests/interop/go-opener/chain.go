package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

const (
	recordLength = 1 + sha256.Size + ed25519.SignatureSize

	recordSegment   = 1
	recordTombstone = 2
)

// chainHash hashes a label and parts, each after its length.
func chainHash(label string, parts ...[]byte) []byte {
	h := sha256.New()
	for _, part := range append([][]byte{[]byte(label)}, parts...) {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
		h.Write(part)
	}
	return h.Sum(nil)
}

// follow gives the head after a record.
func follow(device ed25519.PublicKey, head []byte, number uint32, record []byte) ([]byte, error) {
	if len(record) != recordLength {
		return nil, fmt.Errorf("a record of %d bytes", len(record))
	}
	kind, header, signature := record[0], record[1:1+sha256.Size], record[1+sha256.Size:]
	switch {
	case kind == recordSegment:
	case kind == recordTombstone && bytes.Equal(header, make([]byte, sha256.Size)):
	default:
		return nil, fmt.Errorf("a record of kind %d", kind)
	}
	place := binary.BigEndian.AppendUint32(nil, number)
	head = chainHash("candor chain v1", head, place, record[:1], header)
	if !signed(device, append([]byte("candor chain head v1"), head...), signature) {
		return nil, errors.New("not signed by this device for this place")
	}
	return head, nil
}

// checkChain follows a file's records, prints what came of it, and says how that differs from what was expected.
func checkChain(name string, data []byte) error {
	head, records, found := bytes.Cut(data, []byte("\n\n"))
	if !found {
		return errors.New("no empty line")
	}
	fields := map[string]string{}
	for line := range strings.SplitSeq(string(head), "\n") {
		key, value, _ := strings.Cut(line, ": ")
		fields[key] = value
	}
	device, err := hex.DecodeString(fields["device"])
	if err != nil || len(device) != ed25519.PublicKeySize {
		return fmt.Errorf("device: %q", fields["device"])
	}
	session, err := hex.DecodeString(fields["session"])
	if err != nil || len(session) != 16 {
		return fmt.Errorf("session: %q", fields["session"])
	}
	last, at := chainHash("candor chain root v1", session), uint32(0)
	for line := range strings.Lines(string(records)) {
		record, err := hex.DecodeString(strings.TrimSuffix(line, "\n"))
		if err != nil {
			return err
		}
		next, err := follow(device, last, at, record)
		if err != nil {
			fmt.Println(name, "refused broken")
			if fields["expect"] != "broken" || fields["number"] != strconv.FormatUint(uint64(at), 10) {
				return fmt.Errorf("record %d: %w", at, err)
			}
			return nil
		}
		last, at = next, at+1
	}
	fmt.Println(name, "opened", hex.EncodeToString(last))
	if fields["expect"] != "whole" || fields["head"] != hex.EncodeToString(last) {
		return fmt.Errorf("expected %s %s", fields["expect"], fields["head"])
	}
	return nil
}
