package import FastJSON
package import HTTPMessages
import IssueDecoding
import IssueModel
import Pacing

extension JiraClient {
    /// Sends `call`, again where that may help, and reads the answer's JSON with `decode`.
    ///
    /// Reads may be repeated, and so may all that asks for a state. Not repeated: refusals (401, 403), what is gone (410)
    /// or not there (404), and what Jira does not understand (400).
    package func fetch<Result>(
        _ call: Call, _ decode: (JSONView) throws -> Result
    ) async throws(JiraError) -> Result {
        try await perform(call) { (response, endpoint) throws(JiraError) in
            do {
                return try self.parsers.parse(response.body, decode)
            } catch let error as JSONError {
                // A body torn or garbled on its way; the next one may be whole.
                throw JiraError(
                    .undecodable, endpoint: endpoint.description, status: response.status, messages: [error.message])
            } catch {
                throw JiraError(
                    .undecodable, endpoint: endpoint.description,
                    messages: [(error as? IssueDecodingError)?.field ?? ""])
            }
        }
    }

    /// Sends `call` as ``fetch(_:_:)`` does and hands over the answer that passed the checks.
    package func perform<Result>(
        _ call: Call, expectsJSON: Bool = true, acceptsRedirect: Bool = false,
        _ finish: (HTTPResponse, Endpoint) throws(JiraError) -> Result
    ) async throws(JiraError) -> Result {
        var call = call
        call.bodyLimit = min(call.bodyLimit, options.bodyLimit)
        call.timeout = options.timeout
        let endpoint = call.endpoint(flavour)
        let check = ResponseCheck(
            endpoint: endpoint, credential: credential, expectsJSON: expectsJSON, acceptsRedirect: acceptsRedirect)
        var attempt = Attempt()
        while true {
            attempt.number += 1
            let outcome = try await attemptOnce(call, endpoint, attempt)
            let failure: JiraError
            do throws(JiraError) {
                let response = try outcome.get()
                try check.verify(response)
                return try finish(response, endpoint)
            } catch {
                failure = error
            }
            try await prepareRetry(of: call, after: failure, outcome, endpoint, &attempt)
        }
    }

    struct Attempt {
        var number = 0
        var failures = 0
        var rateLimits = 0
    }

    private func attemptOnce(
        _ call: Call, _ endpoint: Endpoint, _ attempt: Attempt
    ) async throws(JiraError) -> Result<HTTPResponse, JiraError> {
        let start = try await pacer.enter(endpoint)
        var headers: HTTPHeaders = ["Accept": "application/json", "User-Agent": options.userAgent]
        headers["Authorization"] = credential.authorization
        var request = call.request(to: identity.apiBase, flavour, headers: headers)
        request.grant = credential.grant
        let outcome: Result<HTTPResponse, JiraError>
        var signal: RateSignal?
        do throws(HTTPTransportError) {
            let response = try await transport.send(request)
            signal = RateSignal(response, now: time.now(), blockedAfter: options.pacing.blockedAfter)
            if let date = response.headers["Date"].flatMap({ HTTPDate.parse($0) }) { note(siteTime: date) }
            outcome = .success(response)
        } catch {
            outcome = .failure(JiraError(error, endpoint: endpoint))
        }
        pacer.leave(endpoint, startedAt: start, signal: signal, backoff: backoff(attempt.rateLimits))
        record(request, outcome, endpoint, attempt.number, time.elapsed() - start)
        return outcome
    }

    private func record(
        _ request: HTTPRequest, _ outcome: Result<HTTPResponse, JiraError>, _ endpoint: Endpoint, _ number: Int,
        _ duration: Duration
    ) {
        let response = try? outcome.get()
        count { metrics in
            metrics.requests += 1
            metrics.retries += number > 1 ? 1 : 0
            metrics.rateLimited += response?.status == 429 ? 1 : 0
            metrics.failures += (response?.status ?? 599) >= 400 ? 1 : 0
            metrics.bytesSent += Int64(request.body.count)
            metrics.bytesReceived += Int64(response?.body.count ?? 0)
            metrics.requestsByEndpoint[endpoint, default: 0] += 1
        }
        options.onRequest?(
            RequestRecord(
                endpoint: endpoint, status: response?.status, bytes: response?.body.count ?? 0, duration: duration,
                attempt: number))
    }

    /// Waits as long as another try needs.
    ///
    /// - Throws: `failure` when another try would not help.
    private func prepareRetry(
        of call: Call, after failure: JiraError, _ outcome: Result<HTTPResponse, JiraError>, _ endpoint: Endpoint,
        _ attempt: inout Attempt
    ) async throws(JiraError) {
        let response = try? outcome.get()
        if failure.code == .rateLimited, let response {
            attempt.rateLimits += 1
            let signal = RateSignal(response, now: time.now(), blockedAfter: options.pacing.blockedAfter)
            if signal.verdict == .blocked { throw failure.with(.accessBlocked) }
            // The lane is held for the time Jira asks; entering it again waits.
            guard attempt.rateLimits <= options.pacing.maximumRateLimitRetries else {
                throw failure.waiting(signal.wait ?? backoff(attempt.rateLimits))
            }
            return
        }
        let mayHelp: Set<JiraError.Code> = [.serverError, .unreachable, .timedOut, .undecodable]
        let isSchemaProblem = failure.code == .undecodable && failure.status == nil
        guard call.isRepeatable, mayHelp.contains(failure.code), !isSchemaProblem, response?.status != 501,
            attempt.failures < options.pacing.maximumRetries
        else { throw failure }
        attempt.failures += 1
        try await pacer.pause(backoff(attempt.failures - 1), endpoint)
    }

    /// 2, 4, 8, 16, 30, 30, … seconds, each times 0.7 to 1.3 so that many clients do not come back at once.
    private func backoff(_ step: Int) -> Duration {
        let pacing = options.pacing
        let doubled = pacing.firstBackoff * (1 << min(step, 20))
        let jitter = 0.7 + 0.6 * options.random()
        return min(doubled, pacing.longestBackoff) * jitter
    }
}

extension JiraError {
    func with(_ code: Code) -> JiraError {
        var error = self
        error.code = code
        return error
    }

    func waiting(_ duration: Duration) -> JiraError {
        var error = self
        error.retryAfter = duration
        return error
    }
}

extension RateSignal {
    /// The wait Jira names.
    var wait: Duration? {
        switch verdict {
        case .burst(let wait), .quota(let wait), .overloaded(let wait): wait
        case .fine, .nearLimit, .blocked: nil
        }
    }
}
