package io.millwright.collector.export;

import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the first 64 KiB of a body and ends what is longer there, with its connection: the status
 * says what became of the request, whatever else the receiver has to say.
 *
 * <p><i>Threading:</i> those of the JDK's client, one at a time. <i>Failure:</i> a body that breaks
 * off before.
 */
final class FirstBytes implements BodySubscriber<byte[]> {
  static final int MOST = 64 << 10;

  private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
  private final CompletableFuture<byte[]> body = new CompletableFuture<>();
  private Flow.@Nullable Subscription subscription;

  @Override
  public CompletionStage<byte[]> getBody() {
    return body;
  }

  @Override
  public void onSubscribe(Flow.Subscription begun) {
    subscription = begun;
    begun.request(Long.MAX_VALUE);
  }

  @Override
  public void onNext(List<ByteBuffer> more) {
    for (ByteBuffer piece : more) {
      byte[] bytes = new byte[Math.min(piece.remaining(), MOST - kept.size())];
      piece.get(bytes);
      kept.writeBytes(bytes);
    }
    Flow.Subscription open = subscription;
    if (kept.size() == MOST && open != null) {
      open.cancel();
      onComplete();
    }
  }

  @Override
  public void onError(Throwable failure) {
    body.completeExceptionally(failure);
  }

  @Override
  public void onComplete() {
    body.complete(kept.toByteArray());
  }
}
