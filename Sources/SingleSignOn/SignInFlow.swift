import Cryptography
import FastJSON

/// A sign-in under way, carried by the browser that began it, so that nobody can end it in another browser.
struct SignInFlow: Hashable, Sendable {
    /// How long a person may take at the provider, in seconds.
    static let lifetime: Int64 = 600
    private static let purpose = "single sign-on"

    var state: String
    var nonce: String
    /// PKCE's secret (RFC 7636): only who began the sign-in can redeem its code.
    var verifier: String
    var issuer: String
    var returnTo: String

    init(issuer: String, returnTo: String) throws(CryptographyError) {
        state = Base64URL.encode(try Random.bytes(24))
        nonce = Base64URL.encode(try Random.bytes(24))
        verifier = Base64URL.encode(try Random.bytes(32))
        self.issuer = issuer
        self.returnTo = Self.localPath(returnTo)
    }

    /// RFC 7636 §4.2, method S256.
    var challenge: String { Base64URL.encode(Digest.sha256(Array(verifier.utf8))) }

    func sealed(key: SecretKey, now: Int64) throws(CryptographyError) -> String {
        var json = JSONWriter()
        json.object { json in
            json.member("state", state)
            json.member("nonce", nonce)
            json.member("verifier", verifier)
            json.member("issuer", issuer)
            json.member("returnTo", returnTo)
        }
        return try SealedTicket.seal(json.bytes, purpose: Self.purpose, expires: now + Self.lifetime, key: key)
    }

    /// - Throws: `notStartedHere` or `tooLate`.
    init(opening ticket: String?, key: SecretKey, now: Int64) throws(SingleSignOnError) {
        let bytes: [UInt8]
        do throws(CryptographyError) {
            bytes = try SealedTicket.open(ticket ?? "", purpose: Self.purpose, now: now, key: key)
        } catch {
            if error.code == .expired {
                throw SingleSignOnError(.tooLate, "The sign-in took more than ten minutes. Begin again.")
            }
            throw Self.notStartedHere
        }
        guard let json = IdentityToken.parse(bytes), let state = json["state"]?.string,
            let nonce = json["nonce"]?.string, let verifier = json["verifier"]?.string,
            let issuer = json["issuer"]?.string, let returnTo = json["returnTo"]?.string
        else { throw Self.notStartedHere }
        (self.state, self.nonce, self.verifier, self.issuer, self.returnTo) = (state, nonce, verifier, issuer, returnTo)
    }

    static let notStartedHere = SingleSignOnError(
        .notStartedHere, "This sign-in did not begin in this browser. Begin again, and allow cookies for this server.")

    /// A path within this server; anything that could lead elsewhere becomes the start page.
    static func localPath(_ path: String) -> String {
        let bytes = Array(path.utf8)
        let isLocal =
            bytes.first == UInt8(ascii: "/") && bytes.count <= 1_024
            && !(bytes.dropFirst().first.map { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") } ?? false)
            && bytes.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") }
        return isLocal ? path : "/"
    }
}
