Promise.reject(new RangeError('no settings'));
exports.handler = async () => null;
