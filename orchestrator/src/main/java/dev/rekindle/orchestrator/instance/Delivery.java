package dev.rekindle.orchestrator.instance;

import dev.rekindle.api.FunctionFailure;
import dev.rekindle.orchestrator.node.ServiceException;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.Optional;

/** How a request is put to an instance: as an event, or as an HTTP request. */
public interface Delivery {
  /** Completes when the instance is through with the request, however that went. */
  Future<Result> deliver(Attempt attempt);

  /** What came back from the instance. */
  sealed interface Result {
    /**
     * An answer.
     *
     * @param result what the handler returned; empty if it was passed on already
     * @param contentType what the result is
     * @param streamed whether the handler streamed it
     */
    record Answer(Buffer result, String contentType, boolean streamed) implements Result {}

    /**
     * A failure of the function.
     *
     * @param failure what the function reports
     * @param usable whether the instance may serve again
     */
    record Failure(FunctionFailure failure, boolean usable) implements Result {}

    /**
     * A request or an answer that the platform does not pass on.
     *
     * @param problem why not
     * @param usable whether the instance may serve again
     */
    record Refused(ServiceException problem, boolean usable) implements Result {}

    /**
     * The connection was closed before the answer was whole.
     *
     * @param ifAlive what it means if the process lives on; empty if only its end closes the
     *     connection
     */
    record Closed(Optional<FunctionFailure> ifAlive) implements Result {}

    /** The instance did not take the request. */
    record NotTaken() implements Result {}
  }
}
