import Cryptography
import FastJSON

/// The keys a provider signs with at present (RFC 7517).
struct KeySet: Hashable, Sendable {
    struct Key: Hashable, Sendable {
        var id: String?
        var key: PublicKey
    }

    var keys: [Key]

    /// More keys than a provider has.
    private static let limit = 64

    /// Takes the keys that check signatures by an algorithm we know; others are left out.
    ///
    /// - Throws: `providerInvalid` where this is no set of keys.
    init(_ json: JSONValue) throws(SingleSignOnError) {
        guard let entries = json["keys"]?.array, entries.count <= Self.limit else {
            throw SingleSignOnError(.providerInvalid, "The provider's keys are not a set of at most \(Self.limit).")
        }
        keys = entries.compactMap { Self.key($0) }
    }

    /// The keys that may have signed a token; without an id in its header all of the algorithm.
    func candidates(id: String?, algorithm: String) -> [PublicKey] {
        keys.filter { $0.key.algorithm == algorithm && (id == nil || $0.id == id) }.map(\.key)
    }

    private static func key(_ json: JSONValue) -> Key? {
        if let use = json["use"]?.string, use != "sig" { return nil }
        if let operations = json["key_ops"]?.array, !operations.contains("verify") { return nil }
        func number(_ name: String) -> [UInt8]? {
            json[name]?.string.flatMap { $0.utf8.count <= 2_048 ? Base64URL.decode($0.utf8) : nil }
        }
        let key: PublicKey
        switch (json["kty"]?.string, json["crv"]?.string) {
        case ("RSA", _):
            guard let modulus = number("n"), let exponent = number("e") else { return nil }
            key = .rsa(modulus: modulus, exponent: exponent)
        case ("EC", "P-256"):
            guard let x = number("x"), let y = number("y") else { return nil }
            key = .p256(x: x, y: y)
        default: return nil
        }
        if let algorithm = json["alg"]?.string, algorithm != key.algorithm { return nil }
        return Key(id: json["kid"]?.string, key: key)
    }
}
