import Cryptography
import FastJSON

/// An identity token taken apart (OpenID Connect Core 1.0 §2), believed only after ``check(_:)``.
struct IdentityToken: Sendable {
    /// The signature algorithms that are believed. `none` and shared secrets are not among them.
    static let algorithms: Set<String> = ["RS256", "ES256"]
    /// How far the two machines' clocks may differ, in seconds.
    static let skew: Int64 = 60
    /// Tokens that list hundreds of groups are long.
    static let byteLimit = 65_536

    let algorithm: String
    let keyID: String?
    let claims: JSONValue
    private let token: SignedToken

    /// - Throws: `tokenInvalid` where it is no token, or its header asks for what is not understood.
    init(_ text: String) throws(SingleSignOnError) {
        guard let token = try? SignedToken(text, limit: Self.byteLimit), let header = Self.parse(token.header),
            let claims = Self.parse(token.claims)
        else { throw SingleSignOnError(.tokenInvalid, "The provider's identity token cannot be read.") }
        guard let algorithm = header["alg"]?.string, Self.algorithms.contains(algorithm) else {
            throw SingleSignOnError(
                .tokenInvalid, "The identity token is signed with neither RS256 nor ES256. Choose one at the provider.")
        }
        guard header["crit"] == nil else {
            throw SingleSignOnError(
                .tokenInvalid, "The identity token has a header that must be understood and is not.")
        }
        self.token = token
        self.algorithm = algorithm
        self.claims = claims
        keyID = header["kid"]?.string
    }

    /// JSON of a depth that claims have; `nil` for anything else.
    static func parse(_ bytes: [UInt8]) -> JSONValue? {
        let value = try? JSONParser(maximumDepth: 32).parse(bytes) { JSONValue($0) }
        guard case .object = value else { return nil }
        return value
    }

    /// Whether one of `keys` made it.
    func isSigned(byOneOf keys: [PublicKey]) -> Bool {
        keys.contains { (try? token.isSigned(by: $0)) ?? false }
    }

    /// What a token must agree with.
    struct Expectation {
        var issuer: String
        var clientID: String
        var nonce: String
        /// The access token that came with it.
        var accessToken: String?
        /// Seconds since 1970.
        var now: Int64
    }

    /// The checks of OpenID Connect Core §3.1.3.7 but for the signature.
    ///
    /// - Throws: `tokenInvalid`, or `clockSkew` where only the clocks can be wrong.
    func check(_ expected: Expectation) throws(SingleSignOnError) {
        func require(_ holds: Bool, _ what: String) throws(SingleSignOnError) {
            guard holds else { throw SingleSignOnError(.tokenInvalid, "The identity token \(what).") }
        }
        try require(claims["iss"]?.string == expected.issuer, "is another issuer's")
        let audience = claims["aud"]?.string.map { [$0] } ?? claims["aud"]?.array?.compactMap(\.string) ?? []
        try require(audience.contains(expected.clientID), "is for another program")
        let party = claims["azp"]?.string
        try require(audience.count == 1 || party != nil, "is for several programs and names none it was given to")
        try require(party == nil || party == expected.clientID, "was given to another program")
        let nonce = claims["nonce"]?.string ?? ""
        try require(
            ConstantTime.areEqual(Array(nonce.utf8), Array(expected.nonce.utf8)), "belongs to another sign-in")
        try require((1...255).contains(claims["sub"]?.string?.utf8.count ?? 0), "does not say whose it is")
        try checkTimes(expected.now)
        if let accessToken = expected.accessToken, let hash = claims["at_hash"]?.string {
            let half = Array(Digest.sha256(Array(accessToken.utf8)).prefix(16))
            try require(hash == Base64URL.encode(half), "belongs to another access token")
        }
    }

    private func checkTimes(_ now: Int64) throws(SingleSignOnError) {
        func seconds(_ name: String) -> Int64? {
            claims[name]?.double.flatMap { $0.isFinite && abs($0) < 1e12 ? Int64($0) : nil }
        }
        guard let expires = seconds("exp"), let issued = seconds("iat") else {
            throw SingleSignOnError(
                .tokenInvalid, "The identity token does not say when it was made and how long it holds.")
        }
        guard issued <= now + Self.skew, (seconds("nbf") ?? 0) <= now + Self.skew else {
            throw SingleSignOnError(
                .clockSkew, "The identity token comes from the future. Set the clocks of both machines.")
        }
        guard expires > now - Self.skew else {
            throw SingleSignOnError(.clockSkew, "The identity token is out of date. Set the clocks of both machines.")
        }
    }
}
