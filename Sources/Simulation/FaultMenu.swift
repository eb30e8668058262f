public import JiraSimulator
public import SimulatedData

/// What can go wrong between Drawbridge and one site: kinds of fault, some of them switched off, and how often.
///
/// Switching kinds off lets the others meet in ways that would drown where everything fails at once (swarm testing: Groce
/// and others, 2012).
public struct FaultMenu: Sendable {
    public enum Kind: String, Sendable, CaseIterable {
        case burst, burstWithoutWait, globalQuota, tenantQuota, perIssue, gateway, dataCenter
        case serverError, badGateway, unavailable, unavailableWithoutWait
        case reset, torn, truncated, garbage, loginPage, emptyBody, lostAnswer, timeout, delay
        case refused, captcha, anonymous
        case repeatedPage, missingFromSearch
    }

    /// Kinds that are on.
    public var kinds: [Kind]
    /// The chance that a request meets one.
    public var rate: Double

    /// Nothing goes wrong.
    public static let quiet = FaultMenu(kinds: [], rate: 0)

    public init(kinds: [Kind], rate: Double) {
        self.kinds = kinds
        self.rate = rate
    }

    /// A menu of the seed's.
    public init(isCloud: Bool, using random: inout SeededRandom) {
        let possible = Kind.allCases.filter { kind in
            switch kind {
            case .dataCenter, .captcha: !isCloud
            case .burst, .burstWithoutWait, .globalQuota, .tenantQuota, .perIssue: isCloud
            default: true
            }
        }
        let share = random.pick([0.1, 0.3, 0.6])
        kinds = possible.filter { _ in random.chance(share) }
        rate = kinds.isEmpty ? 0 : random.pick([0.004, 0.01, 0.03, 0.08])
    }

    /// What this request meets; nil for nothing.
    public func draw(using random: inout SeededRandom, issues: @autoclosure () -> [Int]) -> Drawn? {
        guard rate > 0, random.chance(rate) else { return nil }
        let kind = random.pick(kinds)
        return Drawn(name: kind, fault: fault(kind, &random, issues))
    }

    /// A fault that is to play. Without one the answer is lost on its way.
    public struct Drawn: Sendable {
        public var name: Kind
        public var fault: Fault.Kind?
    }

    private func fault(_ kind: Kind, _ random: inout SeededRandom, _ issues: () -> [Int]) -> Fault.Kind? {
        switch kind {
        case .burst: .rateLimited(.burst, retryAfter: random.within(1...30))
        case .burstWithoutWait: .rateLimited(.burst, retryAfter: nil)
        case .globalQuota: .rateLimited(.globalQuota, retryAfter: random.within(1...900))
        case .tenantQuota: .rateLimited(.tenantQuota, retryAfter: random.within(1...900))
        case .perIssue: .rateLimited(.perIssue, retryAfter: 2)
        case .gateway: .rateLimited(.gateway, retryAfter: nil)
        case .dataCenter: .rateLimited(.dataCenter, retryAfter: random.within(0...5))
        case .serverError: .status(500)
        case .badGateway: .status(random.pick([502, 504]))
        case .unavailable: .status(503, retryAfter: random.within(1...60))
        case .unavailableWithoutWait: .status(503)
        case .reset: .reset(after: nil)
        case .torn: .torn(after: random.within(1...400))
        case .truncated: .truncatedJSON
        case .garbage: .garbage
        case .loginPage: .loginPage
        case .emptyBody: .emptyBody
        case .lostAnswer: nil
        case .timeout: .delay(.seconds(90))
        case .delay: .delay(.milliseconds(random.within(500...20_000)))
        case .refused: .expiredCredential
        case .captcha: .captcha
        case .anonymous: .anonymous
        case .repeatedPage: .repeatedPage
        case .missingFromSearch: .missingFromSearch(issues())
        }
    }
}
