import FastJSON
public import HTTPMessages

/// A transport that adds the access token to requests on behalf of a grant, and lets all others pass.
///
/// A 401 makes it renew the grant once and send the request again. A grant that is over is answered with 401, as Jira would.
public struct OAuthTransport: HTTPTransport {
    private let base: any HTTPTransport
    private let keeper: GrantKeeper

    public init(_ base: any HTTPTransport, keeper: GrantKeeper) {
        self.base = base
        self.keeper = keeper
    }

    public func send(_ request: HTTPRequest) async throws(HTTPTransportError) -> HTTPResponse {
        guard let grant = request.grant else { return try await base.send(request) }
        // Tokens go to Atlassian's gateway and nowhere else, whatever address a request was made with.
        guard request.url.hasPrefix(keeper.endpoints.api + "/") else {
            throw HTTPTransportError(.invalidURL, detail: "OAuth tokens are for Atlassian's gateway only")
        }
        let token: String
        do throws(OAuthError) {
            token = try await keeper.accessToken(of: grant)
        } catch {
            return try Self.answer(to: error)
        }
        let response = try await base.send(Self.authorized(request, token))
        // A missing scope stays missing.
        guard response.status == 401, !Self.namesScope(response) else { return response }
        let newer: String
        do throws(OAuthError) {
            newer = try await keeper.accessToken(of: grant, refused: token)
        } catch {
            return try Self.answer(to: error)
        }
        return newer == token ? response : try await base.send(Self.authorized(request, newer))
    }

    private static func authorized(_ request: HTTPRequest, _ token: String) -> HTTPRequest {
        var request = request
        request.grant = nil
        request.headers["Authorization"] = "Bearer " + token
        return request
    }

    private static func namesScope(_ response: HTTPResponse) -> Bool {
        String(decoding: response.body.prefix(4_096), as: UTF8.self).lowercased().contains("scope")
    }

    private static func answer(to error: OAuthError) throws(HTTPTransportError) -> HTTPResponse {
        if error.code == .cancelled { throw HTTPTransportError(.cancelled) }
        guard error.endsGrant || error.code == .appRefused else {
            throw HTTPTransportError(.cannotConnect, detail: "the OAuth grant could not be renewed: \(error.code)")
        }
        var json = JSONWriter()
        json.object { json in
            json.member("code", 401)
            json.member("message", error.message)
        }
        return HTTPResponse(status: 401, headers: ["Content-Type": "application/json"], body: json.bytes)
    }
}
