package io.millwright.drivers;

/**
 * Told of every call that may block, so that its owner can hold it to a deadline. Called on the
 * lane's thread; must not block, throw or allocate.
 */
public interface CallWatch {

  /** A call begins. The name is a constant: a C function, or {@code statvfs <mount point>}. */
  void entered(String call);

  /**
   * The call has returned this code, 0 for success.
   *
   * @return how long it was in flight, in nanoseconds; 0 where nobody measures
   */
  long returned(String call, int code);

  /** For callers that nobody watches. */
  CallWatch NONE =
      new CallWatch() {
        @Override
        public void entered(String call) {}

        @Override
        public long returned(String call, int code) {
          return 0;
        }
      };
}
