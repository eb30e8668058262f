import FastJSON
import HTTPMessages

/// What a provider publishes of itself (OpenID Connect Discovery 1.0 §3).
struct ProviderDocument: Hashable, Sendable {
    var authorizationEndpoint: String
    var tokenEndpoint: String
    var keysAddress: String
    var userInfoEndpoint: String?
    var endSessionEndpoint: String?
    /// How a client with a secret proves itself.
    var takesBasic: Bool
    /// Whether answers name their issuer (RFC 9207).
    var namesIssuer: Bool

    /// - Throws: `providerInvalid` or `misconfigured`, saying what is wrong with the document.
    init(_ json: JSONValue, for settings: SingleSignOnSettings) throws(SingleSignOnError) {
        try Self.check(issuer: json["issuer"]?.string, settings.issuer)
        func address(_ name: String) throws(SingleSignOnError) -> String? {
            guard let text = json[name]?.string else { return nil }
            guard text.utf8.count <= 2_048, let parts = URLParts(text), SingleSignOnSettings.isProtected(parts) else {
                throw SingleSignOnError(.providerInvalid, "The provider's \(name) is not an https address.")
            }
            return text
        }
        func required(_ name: String) throws(SingleSignOnError) -> String {
            if let text = try address(name) { return text }
            throw SingleSignOnError(.providerInvalid, "The provider's document has no \(name).")
        }
        func list(_ name: String) -> [String]? { json[name]?.array?.compactMap(\.string) }
        authorizationEndpoint = try required("authorization_endpoint")
        tokenEndpoint = try required("token_endpoint")
        keysAddress = try required("jwks_uri")
        userInfoEndpoint = try address("userinfo_endpoint")
        endSessionEndpoint = try address("end_session_endpoint")
        let methods = list("token_endpoint_auth_methods_supported") ?? ["client_secret_basic"]
        takesBasic = methods.contains("client_secret_basic")
        guard settings.clientSecret == nil || takesBasic || methods.contains("client_secret_post") else {
            throw SingleSignOnError(
                .misconfigured, "The provider takes no client secret. Allow client_secret_basic there.")
        }
        let algorithms = list("id_token_signing_alg_values_supported") ?? ["RS256"]
        guard !IdentityToken.algorithms.isDisjoint(with: algorithms) else {
            throw SingleSignOnError(
                .misconfigured, "The provider signs with neither RS256 nor ES256. Choose one of them there.")
        }
        if let challenges = list("code_challenge_methods_supported"), !challenges.contains("S256") {
            throw SingleSignOnError(.misconfigured, "The provider does not take PKCE with S256. Allow it there.")
        }
        namesIssuer = json["authorization_response_iss_parameter_supported"]?.bool ?? false
    }

    /// Another issuer's tokens would be believed as this one's.
    private static func check(issuer found: String?, _ expected: String) throws(SingleSignOnError) {
        guard let found else {
            throw SingleSignOnError(.providerInvalid, "The provider's document does not name its issuer.")
        }
        guard found != expected else { return }
        let differsBySlash = found + "/" == expected || found == expected + "/"
        throw SingleSignOnError(
            .misconfigured,
            differsBySlash
                ? "The provider writes its issuer \(expected.hasSuffix("/") ? "without" : "with") a slash at the end. Write it the same way."
                : "The provider's document names another issuer than the setting. Copy the provider's own spelling.")
    }
}
