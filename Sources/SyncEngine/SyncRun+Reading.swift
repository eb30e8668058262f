import JiraClient
import SiteConnection
import Store

extension SyncRun {
    /// Reads something the run can do without. A refusal is a warning that says what is lost; anything else is thrown.
    func readable<Value>(
        _ code: SyncWarning.Code, _ lost: String, _ body: () async throws(JiraError) -> Value
    ) async throws(JiraError) -> Value? {
        do throws(JiraError) {
            return try await body()
        } catch {
            guard isRefusal(error) else { throw error }
            warn(code, "\(lost) \(error.description)")
            return nil
        }
    }

    /// Whether the site does not give this to the account, as opposed to failing or no longer knowing the account.
    func isRefusal(_ error: JiraError) -> Bool {
        let refusals: Set<JiraError.Code> = [
            .permissionMissing, .scopeMissing, .notFound, .unsupported, .incompleteListing, .gone, .badRequest,
            .undecodable, .tooLarge,
        ]
        // To nobody in particular, configuration is refused with the words for a wrong password.
        let isAnonymous = source.credentialKind == Credential.anonymous.kind
        return refusals.contains(error.code) || (isAnonymous && error.code == .credentialRefused)
    }

    /// Runs `body` for every element, at most `atOnce` at a time, and returns the results in the elements' order.
    func each<Element: Sendable, Value: Sendable>(
        _ elements: [Element], atOnce: Int = 16, _ body: @escaping @Sendable (Element) async throws -> Value
    ) async throws -> [Value] {
        try await withThrowingTaskGroup(of: (Int, Value).self) { group in
            var results = [Value?](repeating: nil, count: elements.count)
            var next = 0
            func start() {
                guard next < elements.count else { return }
                let (index, element) = (next, elements[next])
                next += 1
                group.addTask { (index, try await body(element)) }
            }
            for _ in 0..<min(atOnce, elements.count) { start() }
            while let (index, value) = try await group.next() {
                results[index] = value
                start()
            }
            return results.compactMap(\.self)
        }
    }
}
