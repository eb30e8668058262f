public import AccessControl
import IssueDecoding
import IssueModel
public import JiraClient
public import Store

extension SourceSetup {
    /// Tries everything a synchronisation will need, and says of each whether it works, what it means and what to do.
    public func test(
        _ address: String, _ credential: Credential, projects: [String] = [], jql: String? = nil,
        mode: Source.AccessMode? = nil
    ) async -> Findings {
        var findings = Findings()
        let identity: SiteIdentity
        do throws(JiraError) {
            let address = try SiteAddress(address)
            let probe = SiteProbe(transport: transport, apiURL: gatewayURL, time: time)
            identity = try await probe.identify(address, credential)
        } catch {
            findings.fail(error.concernsAccess ? "signed_in" : "reachable", error)
            return findings
        }
        findings.identity = identity
        for mend in identity.mends {
            findings.checks.append(
                SourceCheck("address", .ok, mend.description, diagnosis: Diagnosis(mend: mend.code)))
        }
        findings.checks.append(
            SourceCheck("reachable", .ok, "\(identity.product.words) \(identity.version) at \(identity.baseURL)"))
        findings.note(identity, credential)
        let client = JiraClient(identity, credential, transport: transport, options: options, time: time)
        let listed = await checkProjects(client, projects, &findings)
        if let jql { await check(jql, client, &findings) }
        let keys = Set(projects.map { $0.uppercased() })
        let copied = keys.isEmpty ? listed : listed.filter { keys.contains($0.project.key.uppercased()) }
        await checkRights(client, copied, mode, anonymous: credential.isAnonymous, &findings)
        return findings
    }

    private func checkProjects(
        _ client: JiraClient, _ wanted: [String], _ findings: inout Findings
    ) async -> [FetchedProject] {
        do throws(JiraError) {
            let all = try await client.projects()
            let keys = Set(all.flatMap { $0.keys + [$0.project.key] }.map { $0.uppercased() })
            for key in wanted where !keys.contains(key.uppercased()) {
                findings.checks.append(
                    SourceCheck(
                        "project", .fail, "Project \(key) is not there.",
                        why: "It does not exist, or the account lacks Browse Projects in it.", fix: "Check the key."))
            }
            let outcome: SourceCheck.Outcome = all.isEmpty ? .fail : .ok
            findings.checks.append(
                SourceCheck(
                    "projects", outcome, "The account sees \(all.count) project\(all.count == 1 ? "" : "s").",
                    why: all.isEmpty ? "Without projects there is nothing to read." : "",
                    fix: all.isEmpty ? "Give the account the permission Browse Projects." : ""))
            return all
        } catch {
            findings.fail("projects", error)
            return []
        }
    }

    private func check(_ jql: String, _ client: JiraClient, _ findings: inout Findings) async {
        do throws(JiraError) {
            let count = try await client.issueCount(IssueQuery(jql: jql))
            findings.checks.append(
                SourceCheck(
                    "jql", count == 0 ? .warn : .ok, "The query finds \(count) issue\(count == 1 ? "" : "s").",
                    why: count == 0 ? "Nothing will be read until it finds some." : ""))
        } catch {
            findings.fail("jql", error)
        }
    }
}

extension SourceSetup.Findings {
    mutating func fail(_ code: String, _ error: JiraError) {
        var failure = SyncFailure(error)
        failure.fix = error.code.fix
        self.failure = self.failure ?? failure
        checks.append(
            SourceCheck(
                code, .fail, failure.what, why: failure.personalWhy, fix: failure.fix, diagnosis: Diagnosis(error)))
    }

    private static func words(_ seconds: Int) -> String {
        switch seconds {
        case ..<7_200: "\(seconds / 60) minute\(seconds < 120 ? "" : "s")"
        case ..<172_800: "\(seconds / 3_600) hours"
        default: "\(seconds / 86_400) days"
        }
    }

    mutating func note(_ identity: SiteIdentity, _ credential: Credential) {
        if identity.baseURL.hasPrefix("http://"), (try? SiteAddress(identity.baseURL))?.isLoopback != true {
            checks.append(
                SourceCheck(
                    "secure", .warn, "The address is not encrypted.",
                    why: "The credential and everything read can be seen on the way.",
                    fix: "Use https if the site has it."))
        }
        if let account = identity.account {
            checks.append(SourceCheck("signed_in", .ok, "Signed in as \(account.displayName)."))
        } else if credential.isAnonymous {
            checks.append(SourceCheck("signed_in", .ok, "Reading without signing in."))
        }
        if let skew = identity.clockSkewSeconds, abs(skew) > 60 {
            checks.append(
                SourceCheck(
                    "clock", .warn,
                    "The site's clock is \(Self.words(abs(skew))) \(skew < 0 ? "behind" : "ahead of") ours.",
                    why: "Times shown may be off; nothing is lost.", fix: "Set both clocks by NTP."))
        }
    }
}

extension SiteIdentity.Product {
    fileprivate var words: String {
        switch self {
        case .cloud: "Jira Cloud"
        case .dataCenter: "Jira Data Center"
        case .server: "Jira Server"
        }
    }
}

extension JiraError.Code {
    fileprivate var fix: String {
        switch self {
        case .notJira, .loginPage, .hostNotFound, .invalidAddress: "Check the address."
        case .credentialRefused, .credentialIgnored: "Create a new token and try again."
        default: ""
        }
    }
}
