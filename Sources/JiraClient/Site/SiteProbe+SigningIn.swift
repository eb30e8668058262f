import FastJSON
import HTTPMessages
import IssueDecoding
import IssueModel

extension SiteProbe {
    /// Proves the credential with `/myself`, at the site or else at the gateway.
    func signedIn(_ site: Site, _ credential: Credential) async throws(JiraError) -> SiteIdentity {
        var siteID = site.product == .cloud ? try await cloudID(site.baseURL) : nil
        if case .oauth(_, let granted) = credential {
            // A grant is for the sites that its owner chose; Data Center knows none.
            guard site.product == .cloud, siteID == nil || siteID == granted else {
                throw JiraError(.credentialRefused, messages: ["The grant is for another site."])
            }
            siteID = granted
        }
        var identity = SiteIdentity(
            product: site.product, baseURL: site.baseURL, apiBase: site.baseURL, siteID: siteID, version: site.version,
            timeZone: site.timeZone ?? site.serverOffset ?? "UTC",
            clockSkewSeconds: site.serverTime.map { Int(($0.rawValue - time.now().rawValue) / 1_000) },
            mends: site.mends)
        identity.dateLead = site.dateLead ?? 0
        guard !credential.isAnonymous else { return identity }
        let gateway = siteID.map { "\(apiURL)/ex/jira/\($0)" }
        let (account, base) = try await account(of: credential, identity.flavour, site.baseURL, gateway)
        identity.account = account
        identity.apiBase = base
        identity.timeZone = account.timeZone ?? identity.timeZone
        if site.dateLead == nil, let lead = await dateLead(base, credential) { identity.dateLead = lead }
        return identity
    }

    /// Cloud tells its time only to those who sign in. That it does not tell is no failure.
    private func dateLead(_ base: String, _ credential: Credential) async -> Int64? {
        guard let response = try? await get(base + "/rest/api/2/serverInfo", credential, Self.serverInfo),
            response.status == 200
        else { return nil }
        return (try? Self.site(response, base))?.dateLead
    }

    /// Tries the site, then the gateway: a token with scopes is refused at the site just as a wrong one is.
    private func account(
        of credential: Credential, _ flavour: Flavour, _ base: String, _ gateway: String?
    ) async throws(JiraError) -> (Account, String) {
        let order: [String]
        switch (gateway, credential) {
        case (let gateway?, .oauth): order = [gateway]
        case (let gateway?, .apiToken): order = credential.isServiceAccount ? [gateway, base] : [base, gateway]
        default: order = [base]
        }
        var failure: JiraError?
        for address in order {
            do throws(JiraError) {
                return (try await myself(address, flavour, credential), address)
            } catch {
                guard [.credentialRefused, .credentialIgnored, .scopeMissing].contains(error.code) else { throw error }
                // That a scope is missing says more than that the site, which knows no scopes, refused.
                failure = error.code == .scopeMissing ? error : failure ?? error
            }
        }
        throw failure ?? JiraError(.credentialRefused)
    }

    private func myself(
        _ base: String, _ flavour: Flavour, _ credential: Credential
    ) async throws(JiraError) -> Account {
        let call = Call(.get, "/myself")
        let endpoint = call.endpoint(flavour)
        let response = try await get(base + endpoint.path, credential, endpoint)
        try ResponseCheck(endpoint: endpoint, credential: credential).verify(response)
        let account = try? JSONParser(maximumDepth: ParserPool.maximumDepth).parse(response.body) { Account($0) }
        guard let account else {
            throw JiraError(.undecodable, endpoint: endpoint.description, status: response.status)
        }
        return account
    }

    /// The site's id from `/_edge/tenant_info`; `nil` where the site does not tell it.
    private func cloudID(_ base: String) async throws(JiraError) -> String? {
        let endpoint = Endpoint(method: "GET", path: "/_edge/tenant_info")
        let response = try await get(base + endpoint.path, .anonymous, endpoint)
        guard response.status == 200, let json = try? JSONValue(parsing: response.body) else { return nil }
        return json["cloudId"]?.string
    }
}
