/** An answer other than 200. */
export class ApiError extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }

  body() {
    return { error: this.code, message: this.message };
  }
}

export const invalidKey = () => new ApiError(401, 'INVALID_API_KEY', 'Invalid API key');
export const notFound = () => new ApiError(404, 'ORDER_NOT_FOUND', 'Order not found');
export const accessDenied = () => new ApiError(403, 'ACCESS_DENIED', 'You do not have access to this order');
export const invalidAccounts = () =>
  new ApiError(422, 'INVALID_ACCOUNTS', 'No valid accounts provided after deduplication');
export const validation = (message) => new ApiError(422, 'VALIDATION_ERROR', message);
