import FastJSON
public import HTTPMessages
import IssueModel
import Pacing

/// Finds out by asking what stands at an address and whether a credential works there.
///
/// Asks `serverInfo` without the credential first, so that a mistyped address does not receive a secret.
public struct SiteProbe: Sendable {
    let transport: any HTTPTransport
    /// Atlassian's gateway, the way in for tokens with scopes.
    let apiURL: String
    let time: TimeSource
    let userAgent: String
    let timeout: Duration

    /// - Parameter apiURL: Without a trailing slash. Defaults to `https://api.atlassian.com`.
    public init(
        transport: any HTTPTransport, apiURL: String = "https://api.atlassian.com", time: TimeSource = .system,
        userAgent: String = "Drawbridge", timeout: Duration = .seconds(30)
    ) {
        self.transport = transport
        self.apiURL = apiURL
        self.time = time
        self.userAgent = userAgent
        self.timeout = timeout
    }

    /// Finds the site and signs in.
    ///
    /// - Throws: `notJira`, `loginPage`, `credentialRefused`, `credentialIgnored`, `scopeMissing`, `captchaRequired`,
    ///   or why the site cannot be reached.
    public func identify(_ address: SiteAddress, _ credential: Credential) async throws(JiraError) -> SiteIdentity {
        let site = try await site(at: address, credential)
        return try await signedIn(site, credential)
    }

    /// What `serverInfo` says, and where it was found.
    struct Site {
        var baseURL: String
        var product: SiteIdentity.Product
        var version: String
        var serverTime: Timestamp?
        /// What the answer's `Date` said at the same moment.
        var date: Timestamp?
        /// Minutes east of UTC in which the server writes its time.
        var serverOffset: String?
        var timeZone: String?
        var mends: [SiteAddress.Mend]

        /// See ``SiteIdentity/dateLead``: a date has no fractions of its second.
        var dateLead: Int64? {
            guard let date, let serverTime else { return nil }
            return date.rawValue + 1_000 - serverTime.rawValue
        }
    }

    private func site(at address: SiteAddress, _ credential: Credential) async throws(JiraError) -> Site {
        var firstFailure: JiraError?
        var candidates = address.candidates
        var mends = address.mends
        var position = 0
        var redirects = 0
        while position < candidates.count {
            let base = candidates[position]
            position += 1
            switch try await askServerInfo(base, credential, &firstFailure) {
            case .found(var site):
                if position > 1, redirects == 0 { mends.append(Self.contextMend(address.url, base)) }
                site.mends = mends
                return site
            case .redirected(let target) where redirects < 3 && !candidates.contains(target):
                redirects += 1
                mends.append(.init("redirect_followed", "Followed the site's redirect to \(target)."))
                candidates = [target]
                position = 0
            case .redirected, .nothing: continue
            }
        }
        throw firstFailure ?? JiraError(.notJira, endpoint: Self.serverInfo.description)
    }

    static let serverInfo = Endpoint(method: "GET", path: "/rest/api/2/serverInfo")

    private static func contextMend(_ given: String, _ found: String) -> SiteAddress.Mend {
        found.count > given.count
            ? .init("context_found", "Found Jira at \(found).")
            : .init("context_dropped", "Found Jira at \(found), above the given path.")
    }

    private enum Answer {
        case found(Site)
        case redirected(String)
        case nothing
    }

    private func askServerInfo(
        _ base: String, _ credential: Credential, _ firstFailure: inout JiraError?
    ) async throws(JiraError) -> Answer {
        var used = Credential.anonymous
        var response = try await get(base + "/rest/api/2/serverInfo", used, Self.serverInfo)
        if response.status == 401 || response.status == 403, !credential.isAnonymous {
            used = credential
            response = try await get(base + "/rest/api/2/serverInfo", used, Self.serverInfo)
        }
        if (300..<400).contains(response.status), let target = Self.redirectTarget(response, from: base) {
            return .redirected(target)
        }
        do throws(JiraError) {
            try ResponseCheck(endpoint: Self.serverInfo, credential: used).verify(response)
            return .found(try Self.site(response, base))
        } catch {
            // A credential refused or a captcha is certain knowledge; that this path is not Jira is not.
            if error.concernsAccess, error.code != .loginPage, error.code != .permissionMissing { throw error }
            if [.serverError, .rateLimited].contains(error.code) { throw error }
            let failure = [.notFound, .undecodable, .badRequest].contains(error.code) ? error.with(.notJira) : error
            firstFailure = firstFailure ?? failure
            return .nothing
        }
    }

    /// The base URL a redirect of `serverInfo` leads to, if it leads to `serverInfo` again.
    private static func redirectTarget(_ response: HTTPResponse, from base: String) -> String? {
        guard var location = response.headers["Location"] else { return nil }
        if location.hasPrefix("/"), let origin = URLParts(base)?.origin { location = origin + location }
        guard let parts = URLParts(location), parts.path.hasSuffix("/rest/api/2/serverInfo") else { return nil }
        // Never from a secure page to an insecure one.
        if base.hasPrefix("https://"), parts.scheme == "http" { return nil }
        return parts.origin + parts.path.dropLast("/rest/api/2/serverInfo".count)
    }

    static func site(_ response: HTTPResponse, _ base: String) throws(JiraError) -> Site {
        guard let json = try? JSONValue(parsing: response.body), let version = json["version"]?.string else {
            throw JiraError(.notJira, endpoint: serverInfo.description, status: response.status)
        }
        let deployment = json["deploymentType"]?.string?.lowercased() ?? ""
        let major = json["versionNumbers"]?[0]?.integer ?? Int(version.prefix { $0.isNumber }) ?? 0
        let isCloudHost = URLParts(base)?.host.hasSuffix(".atlassian.net") == true
        let product: SiteIdentity.Product =
            deployment == "cloud" || isCloudHost || major >= 1_000
            ? .cloud : deployment == "server" && major < 10 ? .server : .dataCenter
        let time = json["serverTime"]?.string
        return Site(
            baseURL: base, product: product, version: version, serverTime: time.flatMap { Timestamp($0) },
            date: response.headers["Date"].flatMap { HTTPDate.parse($0) },
            serverOffset: time.flatMap(offset), timeZone: json["serverTimeZone"]?.string, mends: [])
    }

    /// `+0530` of `2026-09-23T00:18:35.652+0530`, as `GMT+05:30`.
    private static func offset(_ text: String) -> String? {
        if text.hasSuffix("Z") { return "UTC" }
        let digits = text.suffix(6).filter { $0 != ":" }.suffix(5)
        guard digits.count == 5, let sign = digits.first, sign == "+" || sign == "-" else { return nil }
        return "GMT\(digits.prefix(3)):\(digits.suffix(2))"
    }

    func get(_ url: String, _ credential: Credential, _ endpoint: Endpoint) async throws(JiraError) -> HTTPResponse {
        var headers: HTTPHeaders = ["Accept": "application/json", "User-Agent": userAgent]
        headers["Authorization"] = credential.authorization
        var request = HTTPRequest(.get, url, headers: headers, responseBodyLimit: 4 << 20, timeout: timeout)
        request.grant = credential.grant
        do throws(HTTPTransportError) {
            return try await transport.send(request)
        } catch {
            throw JiraError(error, endpoint: endpoint)
        }
    }
}
