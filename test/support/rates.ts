import { byRateKind, createRates, type Rates } from '../../src/domain/rates.ts'

/** Rates without limits but those given, in units a minute. */
export const ratesFor = (
  perMinute: Partial<Record<keyof Rates, number>> = {},
  clock: () => number = () => performance.now(),
): Rates => createRates({ ...byRateKind(() => 0), ...perMinute }, clock)
