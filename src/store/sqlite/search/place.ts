/**
 * Each message has its place in the index, which is its rowid there: newer ones have higher ones. It is made of the time, and of the
 * end of the message's seq, so that those of one millisecond are in order too.
 */
export const placesPerMs = 2_048
