import FastJSON
import HTTPMessages

/// Atlassian's token endpoint (RFC 6749 §4.1.3 and §6, with JSON bodies) and its list of sites.
struct TokenEndpoint: Sendable {
    let endpoints: OAuthEndpoints
    let transport: any HTTPTransport
    /// Milliseconds since 1970.
    let now: @Sendable () -> Int64

    private static let bodyLimit = 1 << 20
    /// More sites than a grant has.
    private static let siteLimit = 1_000

    /// Redeems the code of a consent.
    func redeem(_ code: String, _ app: OAuthApp, redirectURI: String) async throws(OAuthError) -> TokenSet {
        let response = try await post(
            app, [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirectURI)])
        guard response.status == 200 else {
            try Self.checkCommon(response)
            let text = Self.error(response)
            throw OAuthError(
                .codeRefused,
                text.contains("redirect_uri")
                    ? "Atlassian does not know the callback address \(redirectURI). Register exactly this one in the developer console, under Authorization."
                    : "Atlassian no longer accepts the code of this consent. Begin again.")
        }
        return try tokens(response)
    }

    /// How a refresh ended.
    enum Renewal: Sendable {
        case renewed(TokenSet)
        /// The refresh token is not good any more.
        case refused
    }

    /// Renews a grant. Atlassian gives another refresh token and lets this one be repeated for ten minutes.
    func renew(_ refreshToken: String, _ app: OAuthApp) async throws(OAuthError) -> Renewal {
        let response = try await post(app, [("grant_type", "refresh_token"), ("refresh_token", refreshToken)])
        if response.status == 200 { return .renewed(try tokens(response)) }
        let text = Self.error(response)
        // 403 where an expired or replaced token is meant; an app's wrong secret is something else.
        if [400, 401, 403].contains(response.status), text.contains("invalid_grant") || text.contains("refresh_token") {
            return .refused
        }
        try Self.checkCommon(response)
        throw OAuthError(
            .unavailable,
            "Atlassian does not renew the grant at present (status \(response.status)). It is tried again.")
    }

    /// The sites a token is for (`/oauth/token/accessible-resources`); those of other products are left out.
    func sites(_ accessToken: String) async throws(OAuthError) -> [GrantedSite] {
        let response = try await send(
            HTTPRequest(
                .get, endpoints.api + "/oauth/token/accessible-resources",
                headers: ["Accept": "application/json", "Authorization": "Bearer " + accessToken]))
        guard response.status == 200, let entries = (try? Self.parse(response.body))?.array else {
            throw OAuthError(
                .undecodable, "Atlassian did not list the sites of the grant (status \(response.status)). Begin again.")
        }
        // A site is listed once for each product; only one of the entries has Jira's scopes.
        return entries.prefix(Self.siteLimit).compactMap { entry in
            guard let id = entry["id"]?.string, Self.isIdentifier(id), let url = entry["url"]?.string,
                URLParts(url) != nil
            else { return nil }
            let scopes = entry["scopes"]?.array?.compactMap(\.string) ?? []
            guard scopes.contains(where: { $0.contains("jira") }) else { return nil }
            return GrantedSite(id: id, url: url, name: entry["name"]?.string ?? url, scopes: scopes)
        }
    }

    /// Becomes a part of paths.
    private static func isIdentifier(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"): true
                default: false
                }
            }
    }

    private func post(_ app: OAuthApp, _ members: [(String, String)]) async throws(OAuthError) -> HTTPResponse {
        var json = JSONWriter()
        json.object { json in
            for (name, value) in members { json.member(name, value) }
            json.member("client_id", app.clientID)
            json.member("client_secret", app.clientSecret)
        }
        return try await send(
            HTTPRequest(
                .post, endpoints.authorization + "/oauth/token",
                headers: ["Accept": "application/json", "Content-Type": "application/json"], body: json.bytes))
    }

    private func send(_ request: HTTPRequest) async throws(OAuthError) -> HTTPResponse {
        var request = request
        request.responseBodyLimit = Self.bodyLimit
        request.timeout = .seconds(30)
        do throws(HTTPTransportError) {
            return try await transport.send(request)
        } catch {
            if error.code == .cancelled { throw OAuthError(.cancelled, "The request was cancelled.") }
            throw OAuthError(
                .unavailable, "Atlassian cannot be reached (\(error.code.rawValue)). Check the network and try again.")
        }
    }

    private func tokens(_ response: HTTPResponse) throws(OAuthError) -> TokenSet {
        guard let json = try? Self.parse(response.body), let access = json["access_token"]?.string, !access.isEmpty,
            Self.isToken(access), json["refresh_token"]?.string.map(Self.isToken) ?? true
        else { throw OAuthError(.undecodable, "Atlassian's answer has no access token.") }
        let seconds = min(max(json["expires_in"]?.integer ?? 3_600, 60), 86_400)
        return TokenSet(
            access: access, refresh: json["refresh_token"]?.string, expires: now() + Int64(seconds) * 1_000,
            scopes: (json["scope"]?.string ?? "").split(separator: " ").map(String.init))
    }

    /// Goes into a header.
    private static func isToken(_ text: String) -> Bool {
        text.utf8.count <= 16_384 && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    }

    private static func parse(_ bytes: [UInt8]) throws -> JSONValue {
        try JSONParser(maximumDepth: 32).parse(bytes) { JSONValue($0) }
    }

    /// Code and description of a refusal, for finding out which it is; never shown.
    private static func error(_ response: HTTPResponse) -> String {
        guard let json = try? parse(response.body) else { return "" }
        return (json["error"]?.string ?? "") + " " + (json["error_description"]?.string ?? "")
    }

    private static func checkCommon(_ response: HTTPResponse) throws(OAuthError) {
        let text = error(response)
        if response.status == 401 || text.contains("invalid_client") || text.contains("unauthorized_client")
            || text.contains("access_denied")
        {
            throw OAuthError(
                .appRefused,
                "Atlassian does not accept the app's client id and secret. Copy both again from the developer console, under Settings."
            )
        }
        if response.status == 429 || response.status >= 500 {
            throw OAuthError(
                .unavailable, "Atlassian's sign-in fails at present (status \(response.status)). Try again later.")
        }
    }
}
