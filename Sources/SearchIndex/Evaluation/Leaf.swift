/// A looked-up term, cut to what the reader may see.
struct Leaf {
    var plan: TermPlan
    let postings: Postings
    /// The visible issues it occurs in.
    let issues: IssueSet
    /// How many those are.
    let frequency: Int

    init(_ plan: TermPlan, _ postings: Postings, _ view: AllowedView, capacity: Int) {
        var issues = IssueSet(capacity: capacity)
        var frequency = 0
        let mask = plan.columns
        for index in postings.issues.indices {
            let issue = Int(postings.issues[index])
            guard view.issues.contains(issue), mask == 7 || Postings.columns(postings.counts[index]) & mask != 0 else {
                continue
            }
            issues.insert(issue)
            frequency += 1
        }
        for (document, count) in postings.restricted {
            guard let visible = view.restricted[document], Postings.columns(count) & mask != 0,
                !issues.contains(Int(visible.issue))
            else { continue }
            issues.insert(Int(visible.issue))
            frequency += 1
        }
        self.plan = plan
        self.postings = postings
        self.issues = issues
        self.frequency = frequency
    }

    /// How much it tells, from its frequency among the visible issues: the inverse document frequency of BM25.
    func weight(among count: Int) -> Float {
        plan.weight * Float.log(1 + (Float(count - frequency) + 0.5) / (Float(frequency) + 0.5))
    }
}

extension Float {
    /// The natural logarithm of a positive, finite number, to about seven digits, without the C library.
    fileprivate static func log(_ value: Float) -> Float {
        let mantissa = value.significand
        let ratio = (mantissa - 1) / (mantissa + 1)
        let square = ratio * ratio
        var term = ratio
        var sum: Float = 0
        for odd in stride(from: Float(1), through: 15, by: 2) {
            sum += term / odd
            term *= square
        }
        return 2 * sum + Float(value.exponent) * 0.693_147_18
    }
}
