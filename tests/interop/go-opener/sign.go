package main

import (
	"crypto/ed25519"
	"encoding/hex"
	"slices"
)

// smallOrder are the y coordinates of the points of small order, and the two beyond the field that stand for 0 and 1.
var smallOrder = []string{
	"0000000000000000000000000000000000000000000000000000000000000000",
	"0100000000000000000000000000000000000000000000000000000000000000",
	"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
	"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
}

func isSmallOrder(point []byte) bool {
	y := slices.Clone(point)
	y[len(y)-1] &= 0x7f
	return slices.Contains(smallOrder, hex.EncodeToString(y))
}

// signed verifies without the cofactor, as the standard library does, and refuses points of small order, as it does not.
func signed(device ed25519.PublicKey, message, signature []byte) bool {
	if len(signature) != ed25519.SignatureSize || isSmallOrder(device) || isSmallOrder(signature[:32]) {
		return false
	}
	return ed25519.Verify(device, message, signature)
}
