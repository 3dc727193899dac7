package io.millwright.collector.trust;

import io.millwright.protocol.orders.OrderSigner;
import io.millwright.protocol.tls.SecretFiles;
import io.millwright.protocol.tls.TlsException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The keys by which a collector signs starts, beside its credentials: the one that signs, and while
 * it is to be exchanged the next one, which signs nothing yet.
 *
 * <p><i>Threading:</i> any thread. <i>Failure:</i> a {@link TlsException} with the remedy.
 *
 * @param directory of the collector's credentials
 */
record OrderPlace(Path directory) {
  private static final String NEXT = "orders-key-next.pem";

  /** The one that signs; made where there is none. */
  OrderSigner present() {
    return of(OrderSigner.FILE);
  }

  /** The next one; made where there is none. */
  OrderSigner next() {
    return of(NEXT);
  }

  private OrderSigner of(String name) {
    Path file = directory.resolve(name);
    if (!Files.exists(file)) {
      SecretFiles.claim(file, OrderSigner.create().text());
    }
    return OrderSigner.read(file);
  }

  /** The next one signs from the collector's next start on, and the one of before is gone. */
  OrderSigner exchange() {
    Path next = directory.resolve(NEXT);
    if (!Files.exists(next)) {
      throw new TlsException(
          "there is no next key in %s: make it with --next, and pin it on every node before this one goes"
              .formatted(directory));
    }
    OrderSigner signer = OrderSigner.read(next);
    SecretFiles.renameFile(next, directory.resolve(OrderSigner.FILE));
    return signer;
  }
}
