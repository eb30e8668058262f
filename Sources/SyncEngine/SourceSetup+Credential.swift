import AccessEngine
public import JiraClient
public import Store

extension SourceSetup {
    /// Tries another credential on a source's site and puts it in the place of the stored one if it works.
    ///
    /// What was read stays. Where the account is another one, the next run says so and reads what it may.
    ///
    /// - Throws: ``SyncFailure`` where a check fails; the stored credential is then kept.
    public func replaceCredential(
        of source: Source, with credential: Credential, in store: Store
    ) async throws(SyncFailure) -> Findings {
        guard source.state != .removed else {
            throw SyncFailure(
                .sourceUnknown, what: "The source \(source.name) was removed.", fix: "Add it again to use it.")
        }
        let findings = await test(
            source.url, credential, projects: source.scope.projects, jql: source.scope.jql, mode: source.accessMode)
        guard findings.isUsable else { throw findings.refusal }
        do {
            let key = try store.secretKey()
            let bytes = CredentialRecord.bytes(credential)
            try await store.write { context in
                try SourceRecords.setCredential(bytes, kind: credential.kind, of: source.id, key: key, in: context)
                try SourceRecords.setProblem(nil, of: source.id, in: context)
            }
            return findings
        } catch {
            throw SyncFailure(error, in: .identify)
        }
    }
}

extension SourceSetup.Findings {
    /// Why the site cannot be used.
    var refusal: SyncFailure {
        let failed = checks.last { $0.outcome == .fail }
        return failure
            ?? SyncFailure(
                .siteAnswersWrongly, what: failed?.what ?? "The site cannot be used.", why: failed?.why ?? "",
                fix: failed?.fix ?? "")
    }
}
