package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/hpke"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"math/bits"
	"slices"

	"opener/chacha20poly1305"
)

// What a reader refuses, in the order in which this one looks.
const (
	classHeader     = "header"
	classSignature  = "signature"
	classTorn       = "torn"
	classWrap       = "wrap"
	classCommitment = "commitment"
	classChunk      = "chunk"
	classBlock      = "block"
	classOrder      = "order"
)

const (
	headerLength    = 177
	signatureLength = ed25519.SignatureSize
	frameHead       = 9
	contentLimit    = 1 << 20
	wrapLength      = 32 + chacha20poly1305.Overhead

	roleVault       = 1
	roleParticipant = 2

	schemaEvents  = 1
	schemaRemarks = 2

	formJournal = 1
	formCompact = 2

	frameChunk = 0
	frameLast  = 1
	frameCut   = 2
)

// A refusal is why a segment was not opened. Its chunk is -1 where no chunk is to blame.
type refusal struct {
	class string
	chunk int
	why   string
}

func (r *refusal) Error() string {
	if r.chunk < 0 {
		return fmt.Sprintf("refused for %s: %s", r.class, r.why)
	}
	return fmt.Sprintf("refused for %s of chunk %d: %s", r.class, r.chunk, r.why)
}

func refuse(class, why string, args ...any) error {
	return &refusal{class, -1, fmt.Sprintf(why, args...)}
}

type header struct {
	schema        byte
	form          byte
	ids           []byte // program, participant, device, session
	consentHash   []byte
	period        uint32
	number        uint32
	encapsulation uint32
	commitment    []byte
	hash          [sha256.Size]byte
}

// parseHeader refuses every value that is not listed.
func parseHeader(raw []byte) (*header, error) {
	if string(raw[:4]) != "CNDR" {
		return nil, refuse(classHeader, "magic %q", raw[:4])
	}
	if version, suite := raw[4], raw[5]; version != 1 || suite != 1 {
		return nil, refuse(classHeader, "version %d, suite %d", version, suite)
	}
	rest := raw[6:]
	take := func(n int) []byte {
		taken := rest[:n]
		rest = rest[n:]
		return taken
	}
	u16 := func() uint16 { return binary.BigEndian.Uint16(take(2)) }
	u32 := func() uint32 { return binary.BigEndian.Uint32(take(4)) }

	h := &header{hash: sha256.Sum256(raw)}
	for _, field := range []struct {
		name     string
		from, to byte
		value    *byte
	}{
		{"schema", schemaEvents, schemaRemarks, &h.schema},
		{"form", formJournal, formCompact, &h.form},
		{"imported", 0, 1, nil},
	} {
		value := take(1)[0]
		if value < field.from || value > field.to {
			return nil, refuse(classHeader, "%s %d", field.name, value)
		}
		if field.value != nil {
			*field.value = value
		}
	}
	h.ids = take(4 * 16)
	if unit := u32(); unit < 1 || unit > 1_000_000 {
		return nil, refuse(classHeader, "clock unit %d", unit)
	}
	if unit := u16(); unit > 256 || bits.OnesCount16(unit) != 1 {
		return nil, refuse(classHeader, "position unit %d", unit)
	}
	h.period = u32()
	take(16) // consent id
	h.consentHash = take(32)
	if purposes := u32(); purposes>>3 != 0 {
		return nil, refuse(classHeader, "purposes %#x", purposes)
	}
	u16() // redactor
	h.number = u32()
	h.encapsulation = u32()
	h.commitment = take(32)
	return h, nil
}

type chunk struct {
	last    byte
	content []byte
}

// parseBody splits the body into chunks. It needs no key, only the device's.
func parseBody(h *header, device ed25519.PublicKey, body []byte) ([]chunk, error) {
	var chunks []chunk
	before := sha256.New()
	for rest := body; ; {
		if len(rest) < frameHead {
			return nil, refuse(classTorn, "%d bytes where a frame should be", len(rest))
		}
		kind, length, sum := rest[0], binary.BigEndian.Uint32(rest[1:5]), rest[5:frameHead]
		if length > contentLimit || int(length) > len(rest)-frameHead {
			return nil, refuse(classTorn, "frame of %d bytes, %d are left", length, len(rest)-frameHead)
		}
		frame := rest[:frameHead+int(length)]
		content := frame[frameHead:]
		if whole := sha256.Sum256(content); !bytes.Equal(whole[:len(sum)], sum) {
			return nil, refuse(classTorn, "wrong check")
		}
		rest = rest[len(frame):]

		switch {
		case kind == frameChunk:
			chunks = append(chunks, chunk{0, content})
			before.Write(frame)
			continue
		case kind == frameLast && h.form == formCompact:
			chunks = append(chunks, chunk{1, content})
		case kind == frameCut && h.form == formJournal:
			if !signed(device, cutMessage(h, len(chunks), before), content) {
				return nil, refuse(classTorn, "wrong signature of the cut")
			}
		default:
			return nil, refuse(classTorn, "frame of kind %d", kind)
		}
		if len(rest) != 0 {
			return nil, refuse(classTorn, "%d bytes follow the end", len(rest))
		}
		return chunks, nil
	}
}

func cutMessage(h *header, chunks int, before hash.Hash) []byte {
	message := append([]byte("candor journal cut v1"), h.hash[:]...)
	message = binary.BigEndian.AppendUint32(message, uint32(chunks))
	return before.Sum(message)
}

// unwrap gives the DEK.
func unwrap(h *header, v *vector) ([]byte, error) {
	if len(v.wrap) != wrapLength {
		return nil, refuse(classWrap, "%d bytes", len(v.wrap))
	}
	identity, err := hpke.MLKEM768X25519().NewPrivateKey(v.seed)
	if err != nil {
		return nil, fmt.Errorf("identity: %w", err)
	}
	info := slices.Concat([]byte("candor encapsulation v1"), h.ids, h.consentHash)
	info = binary.BigEndian.AppendUint32(info, h.period)
	info = append(info, v.role)
	info = binary.BigEndian.AppendUint32(info, h.encapsulation)
	recipient, err := hpke.NewRecipient(v.enc, identity, hpke.HKDFSHA256(), hpke.ChaCha20Poly1305(), info)
	if err != nil {
		return nil, refuse(classWrap, "encapsulation: %v", err)
	}
	exported, err := recipient.Export("candor dek wrap v1", 32)
	if err != nil {
		return nil, err
	}
	key, err := derive(exported, h.hash[:], "candor dek wrap key v1")
	if err != nil {
		return nil, err
	}
	dek, err := unseal(key, make([]byte, chacha20poly1305.NonceSize), h, v.wrap)
	if err != nil {
		return nil, refuse(classWrap, "%v", err)
	}
	return dek, nil
}

func derive(key, salt []byte, info string) ([]byte, error) {
	return hkdf.Key(sha256.New, key, salt, info, 32)
}

func unseal(key, nonce []byte, h *header, sealed []byte) ([]byte, error) {
	aead, err := chacha20poly1305.New(key)
	if err != nil {
		return nil, err
	}
	return aead.Open(nil, nonce, sealed, h.hash[:])
}

func chunkNonce(n int, last byte) []byte {
	nonce := make([]byte, 7, chacha20poly1305.NonceSize)
	return append(binary.BigEndian.AppendUint32(nonce, uint32(n)), last)
}

// open writes the text form of the segment's events to text. The header comes back as soon as it could be read.
func open(v *vector, text hash.Hash) (*header, error) {
	if len(v.device) != ed25519.PublicKeySize {
		return nil, fmt.Errorf("device: %d bytes", len(v.device))
	}
	if len(v.segment) < headerLength+signatureLength {
		return nil, refuse(classHeader, "the segment has only %d bytes", len(v.segment))
	}
	raw, signature := v.segment[:headerLength], v.segment[headerLength:headerLength+signatureLength]
	h, err := parseHeader(raw)
	if err != nil {
		return nil, err
	}
	if !signed(v.device, append([]byte("candor segment header v1"), raw...), signature) {
		return h, refuse(classSignature, "not of this device")
	}
	chunks, err := parseBody(h, v.device, v.segment[headerLength+signatureLength:])
	if err != nil {
		return h, err
	}
	dek, err := unwrap(h, v)
	if err != nil {
		return h, err
	}
	commitment, err := derive(dek, nil, "candor dek commit v1")
	if err != nil {
		return h, err
	}
	if !bytes.Equal(commitment, h.commitment) {
		return h, refuse(classCommitment, "another DEK")
	}
	key, err := derive(dek, nil, "candor chunk v1")
	if err != nil {
		return h, err
	}
	return h, openChunks(h, key, chunks, text)
}

// A state is what a segment's chunks share: the last event's tick, and how much may follow.
type state struct {
	tick    uint64
	events  uint64
	remarks int
}

func openChunks(h *header, key []byte, chunks []chunk, text hash.Hash) error {
	s := state{remarks: remarksLimit, events: eventLimit}
	for n, chunk := range chunks {
		plain, err := unseal(key, chunkNonce(n, chunk.last), h, chunk.content)
		if err != nil {
			return &refusal{classChunk, n, err.Error()}
		}
		if h.schema == schemaRemarks {
			err = s.decodeRemarks(plain, text)
		} else {
			err = s.decodeBlock(plain, text)
		}
		if errors.Is(err, errOrder) {
			return &refusal{classOrder, n, err.Error()}
		}
		if err != nil {
			return &refusal{classBlock, n, err.Error()}
		}
	}
	return nil
}
